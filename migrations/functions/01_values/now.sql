-- now: the instant. The only place where the kernel asks for the time.
-- It is the clock's time, not the transaction's start: a batch may wait for a lock over midnight. Always called as
-- largesse.now(), because a bare now() is pg_catalog's. Tests put their own clock here, as the owner.
-- Callers: the kernel, into a variable, once when a batch starts and once after its last lock.
create or replace function now() returns timestamptz
language sql volatile
return clock_timestamp();
