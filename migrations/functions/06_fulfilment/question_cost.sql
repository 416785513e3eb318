-- question_cost: what a gesture cost above its hold is in question, or by a correction no longer is.
-- Callers: follow_report. Locks: the gesture's follow-up. Cost: one statement.
create or replace function question_cost(p_tenant uuid, p_at timestamptz, g gestures, p_rest bigint, p_seq int) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    if p_rest is not null then
        perform open_follow_up(p_tenant, p_at, g, 'COST', p_rest, p_seq);
    else
        update follow_ups f
        set closed_at = coalesce(f.closed_at, p_at), rest_minor = 0
        where f.tenant_id = p_tenant and f.gesture_id = g.gesture_id and f.purpose = 'COST';
    end if;
end $$;
