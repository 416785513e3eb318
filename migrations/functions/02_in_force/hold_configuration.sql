-- hold_configuration: nobody decides anything until this transaction ends, and whoever waits then sees what it
-- wrote. So nothing is ever decided by rules whose end was already acknowledged.
-- Callers: apply, put_agents, suspend, pause. Locks: the tenant's configuration, exclusively; waits for batches
-- that are open.
-- SQLSTATE: LG400 another isolation than READ COMMITTED.
create or replace function hold_configuration(p_tenant uuid) returns void
language plpgsql volatile
as $$
begin
    perform refuse_old_snapshots();
    perform pg_advisory_xact_lock(1, hashtext(p_tenant::text));
end $$;
