-- Nobody sits in an open transaction, and nobody waits for a lock.
select format('session %s (%s) has been %s for %s', a.pid, a.usename, a.state, clock_timestamp() - a.state_change)
from pg_stat_activity a
where a.datname = current_database()
    and a.pid <> pg_backend_pid()
    and a.state like 'idle in transaction%'
    and clock_timestamp() - a.state_change > interval '2 s'
union all
select format('session %s waits for a lock: %s', a.pid, a.query)
from pg_stat_activity a
where a.datname = current_database() and a.wait_event_type = 'Lock'
