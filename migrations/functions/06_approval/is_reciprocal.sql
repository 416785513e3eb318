-- is_reciprocal: whether somebody who says yes to this requester had a yes of them for a gesture of their own in the 90 days
-- before, whichever of their accounts was used. It is allowed, and told: two who approve for each other are looked at.
-- The answerers' requests are compared as rows and read in that order, which no other index is in: by equality, that of the
-- whole tenant is as well, and was taken by a plan made on an empty table.
-- Callers: say_yes. Locks: none. Cost: the answerers' own requests of 90 days, by the index of an agent's gestures.
create or replace function is_reciprocal(
    p_tenant uuid, p_at timestamptz, p_requester text, p_person_ids text[]) returns boolean
language plpgsql stable
as $$
#variable_conflict error
declare
    v_person text;
    v_requesters text[];
begin
    select a.person_id into v_person from agents a where a.tenant_id = p_tenant and a.agent_id = p_requester;
    v_requesters := array(select a.agent_id from agents a where a.tenant_id = p_tenant and a.person_id = v_person);
    return exists (
        select
        from (select distinct x.id from unnest(p_person_ids) x (id)) q
        cross join lateral (
            select x.agent_id from agents x where x.tenant_id = p_tenant and x.person_id = q.id offset 0) a
        cross join lateral (
            select x.gesture_id
            from gestures x
            where x.tenant_id = p_tenant
                and (x.requested_by, x.created_at) > (a.agent_id, p_at - interval '90 days')
                and (x.requested_by, x.created_at) <= (a.agent_id, 'infinity')
                and x.decided_by <> x.requested_by
                and (x.decided_by = any (v_requesters) or x.authority = any (v_requesters))
            order by x.requested_by desc, x.created_at desc, x.gesture_id desc
            limit 1) g);
end $$;
