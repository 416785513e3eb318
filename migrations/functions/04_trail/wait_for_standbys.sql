-- wait_for_standbys: makes an answer that only repeats what is already written as durable as a first one. Where
-- commits wait for synchronous standbys, a row can be visible before its commit has reached them; a write of our
-- own waits behind it.
-- Callers: admit_once, settle, resolve, for replays. Locks: none. Cost: nothing without standbys, else one small
-- commit.
create or replace function wait_for_standbys() returns void
language plpgsql volatile
as $$
begin
    if current_setting('synchronous_standby_names') <> '' then
        perform pg_logical_emit_message(true, 'largesse', 'a replay was answered');
    end if;
end $$;
