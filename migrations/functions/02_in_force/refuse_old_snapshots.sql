-- refuse_old_snapshots: the transaction reads what is committed when each statement begins. A lock that was waited for
-- is worth nothing to a transaction that goes on reading what was there before.
-- Callers: share_configuration, hold_configuration, resolve, customer_keys, apply. SQLSTATE: LG400 another isolation.
create or replace function refuse_old_snapshots() returns void
language plpgsql stable
as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise 'call this at READ COMMITTED: its locks are worth nothing to an older snapshot' using errcode = 'LG400';
    end if;
end $$;
