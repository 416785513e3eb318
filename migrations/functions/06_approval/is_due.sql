-- is_due: whether the next step of a question may be taken: the first at once, a later one when its timer says so.
-- Callers: judge_step, lapse, question. Locks: none. Cost: a look-up.
create or replace function is_due(p_tenant uuid, p_id uuid, p_step int, p_at timestamptz) returns boolean
language plpgsql stable
as $$
#variable_conflict error
begin
    return p_step = 0 or exists (
        select from timers t
        where t.tenant_id = p_tenant and t.gesture_id = p_id and t.purpose = 'APPROVAL' and t.due_at <= p_at);
end $$;
