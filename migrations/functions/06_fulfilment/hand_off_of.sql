-- hand_off_of: through which channel, and how long after the yes, a gesture was handed on: by the report that is told now,
-- the first that says it is ordered, done, or has failed for good. Null: by an earlier one, or not yet.
-- Callers: report, with its reports followed. Locks: none. Cost: two look-ups.
create or replace function hand_off_of(p_tenant uuid, p_at timestamptz, p_told happened) returns jsonb
language plpgsql stable
as $$
#variable_conflict error
begin
    return (
        select jsonb_build_object(
            'channel', t.channel, 'waited_us', (extract(epoch from p_at - g.decided_at) * 1000000)::bigint)
        from tasks t
        cross join lateral (
            select x.decided_at from gestures x
            where x.tenant_id = t.tenant_id and x.gesture_id = t.gesture_id
            limit 1) g
        where t.tenant_id = p_tenant
            and t.gesture_id = p_told.gesture_id
            and (p_told.type = 'DISPATCHED' or p_told.type in ('DELIVERED', 'FAILED') and t.dispatched_at is null));
end $$;
