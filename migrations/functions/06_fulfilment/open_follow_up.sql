-- open_follow_up: somebody is asked to look at a gesture that went wrong: the nearest active above who asked for it.
-- Callers: follow_report, question_cost, watch_promise, with the gesture locked. Locks: its own row. Cost: an insert.
create or replace function open_follow_up(
    p_tenant uuid, p_at timestamptz, g gestures, p_purpose text, p_rest bigint, p_seq int) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    insert into follow_ups as f (tenant_id, gesture_id, purpose, agent_id, opened_at, opened_seq, rest_minor)
    values (p_tenant, g.gesture_id, p_purpose, nearest_above(p_tenant, g.requested_by), p_at, p_seq, p_rest)
    on conflict (tenant_id, gesture_id, purpose) do update
    set agent_id = excluded.agent_id,
        opened_at = excluded.opened_at,
        opened_seq = excluded.opened_seq,
        rest_minor = excluded.rest_minor,
        closed_at = null,
        closed_by = null,
        answer_id = null;
end $$;
