-- instant: the instant at which a local day begins, as ISO 8601 in UTC, whatever the session's settings.
-- Null for null and for -infinity. Callers: state_of_limit.
create or replace function instant(local_day date, time_zone text) returns text
language sql stable parallel safe
return to_char(
    nullif(local_day, '-infinity')::timestamp at time zone time_zone at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
