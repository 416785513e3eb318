-- share_configuration: configuration does not change under this transaction, and what was in force when the call
-- began to wait is no longer what it reads. The first lock of every function that decides. Under another isolation
-- than READ COMMITTED the reads that follow would be older than the lock: refused.
-- Callers: admit, settle. Locks: the tenant's configuration, shared. Two tenants with one hash share the lock: that
-- costs an apply a wait, never a decision its rightness. SQLSTATE: LG400 another isolation.
create or replace function share_configuration(p_tenant uuid) returns void
language plpgsql volatile
as $$
begin
    perform refuse_old_snapshots();
    perform pg_advisory_xact_lock_shared(1, hashtext(p_tenant::text));
end $$;
