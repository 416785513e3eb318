-- answer_follow_ups: a gesture that was approved in place of another answers the question what to do for its customer.
-- Callers: write_outcomes, take_hold. Locks: the other gesture's follow-up, before any counter. Cost: a look-up.
create or replace function answer_follow_ups(
    p_tenant uuid, p_at timestamptz, p_replaced uuid, p_actor text, p_answer uuid) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    update follow_ups f
    set closed_at = p_at, closed_by = p_actor, answer_id = p_answer
    where f.tenant_id = p_tenant and f.gesture_id = p_replaced and f.purpose = 'PROMISE' and f.closed_at is null;
end $$;
