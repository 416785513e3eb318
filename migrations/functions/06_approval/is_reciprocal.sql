-- is_reciprocal: whether somebody who says yes to this requester had a yes of them for a gesture of their own in the 90 days
-- before, whichever of their accounts was used. It is allowed, and told: two who approve for each other are looked at.
-- Callers: say_yes. Locks: none. Cost: the answerers' own requests of 90 days, by the index of an agent's gestures.
create or replace function is_reciprocal(
    p_tenant uuid, p_at timestamptz, p_requester text, p_person_ids text[]) returns boolean
language plpgsql stable
as $$
#variable_conflict error
declare
    v_answerers text[];
    v_requesters text[];
begin
    select array_agg(a.agent_id) into v_answerers
    from agents a
    where a.tenant_id = p_tenant and a.person_id = any (p_person_ids);
    select array_agg(a.agent_id) into v_requesters
    from agents r
    join agents a on a.tenant_id = p_tenant and a.person_id = r.person_id
    where r.tenant_id = p_tenant and r.agent_id = p_requester;
    return exists (
        select from gestures g
        where g.tenant_id = p_tenant
            and g.requested_by = any (v_answerers)
            and g.created_at > p_at - interval '90 days'
            and g.decided_by <> g.requested_by
            and (g.decided_by = any (v_requesters) or g.authority = any (v_requesters)));
end $$;
