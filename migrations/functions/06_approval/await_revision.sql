-- await_revision: a returned gesture waits for its requester as long as its question would have waited for an answer.
-- Callers: decide. Locks: the gesture's timer. Cost: one insert.
create or replace function await_revision(p_tenant uuid, p_at timestamptz, g gestures) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    insert into timers as t (tenant_id, gesture_id, purpose, due_at)
    select p_tenant, g.gesture_id, 'APPROVAL', p_at + make_interval(secs => r.expire_after_s)
    from routing_in_force(p_tenant, g.kind, g.segment, g.occasion) r
    on conflict (tenant_id, gesture_id, purpose) do update
    set due_at = excluded.due_at, claimed_until = null;
end $$;
