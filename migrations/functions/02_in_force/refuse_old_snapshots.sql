create or replace function refuse_old_snapshots() returns void
language plpgsql stable
as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise 'call this at READ COMMITTED: its locks are worth nothing to an older snapshot' using errcode = 'LG400';
    end if;
end $$;
