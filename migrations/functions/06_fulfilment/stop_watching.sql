-- stop_watching: nothing happens to this gesture's promise by itself any more.
-- Callers: follow_report, watch_promise, settle. Locks: the gesture's timer. Cost: a look-up.
create or replace function stop_watching(p_tenant uuid, p_id uuid) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    delete from timers t where t.tenant_id = p_tenant and t.gesture_id = p_id and t.purpose = 'PROMISE';
end $$;
