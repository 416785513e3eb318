-- watch_promises: sets the timer of each of these gestures that promised something, for the instant at which it must have
-- been dispatched. Callers: write_outcomes, take_hold, with the gestures new or locked. Locks: the gestures' timers.
-- Cost: an insert for all.
create or replace function watch_promises(p_tenant uuid, p_at timestamptz, p_id uuid[]) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    insert into timers as t (tenant_id, gesture_id, purpose, due_at)
    select p_tenant, x.id, 'PROMISE', greatest(g.promise_by - lead_time_of(p_tenant, g.kind, g.currency), p_at)
    from (select y.id from unnest(p_id) y (id) order by y.id) x
    cross join lateral (
        select y.* from gestures y where y.tenant_id = p_tenant and y.gesture_id = x.id limit 1) g
    where g.promise is not null
    on conflict (tenant_id, gesture_id, purpose) do update
    set due_at = excluded.due_at, claimed_until = null;
end $$;
