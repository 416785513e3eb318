-- first_yes: the question with the first of two answers as far as it counts at this instant: as long as whoever gave it
-- might give it again. After its giver was suspended, or what was lent was taken back, or its authority no longer
-- suffices, it is as if it had not been given, and whoever says yes is the first. A promise that has passed meanwhile
-- is the second's to mend.
-- Callers: say_yes, standing, with configuration and gesture locked, or to inform. Locks: none. Cost: a look-up; where
-- a first yes is there, a match and a sweep.
create or replace function first_yes(p_tenant uuid, p_at timestamptz, g gestures) returns approvals
language plpgsql stable
as $$
#variable_conflict error
declare
    a approvals;
    v_answering record;
    y record;
    v_why jsonb;
begin
    select x.* into a from approvals x where x.tenant_id = p_tenant and x.gesture_id = g.gesture_id;
    if a.first_minor is null then
        return a;
    end if;
    select x.* into v_answering
    from answering(p_tenant, p_at, g.gesture_id, g.requested_by, a.first_actor, a.first_authority) x;
    if v_answering.p_refusal is null then
        select x.* into y
        from judge_yes(
            p_tenant, p_at, g, a.first_actor, a.first_authority, v_answering.p_how, a.first_minor, null) x;
        if y.p_refusal is null then
            select s.p_why[1] into v_why from sweep(p_tenant, array[y.p_matched]) s;
            if v_why is null and y.p_are_people then
                return a;
            end if;
        end if;
    end if;
    a.first_actor := null;
    a.first_authority := null;
    a.first_person_ids := null;
    a.first_minor := null;
    a.first_promise_by := null;
    a.first_at := null;
    return a;
end $$;
