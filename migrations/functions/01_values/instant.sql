-- instant: the instant at which a local day begins, as ISO 8601 in UTC, whatever the session's settings. Where clocks go
-- back over midnight (the Azores, Havana) midnight comes twice, and the day begins with the first.
-- Null for null and for -infinity. Callers: state_of_limit.
create or replace function instant(local_day date, time_zone text) returns text
language sql stable parallel safe
return (
    select to_char(
        case when (later.at - interval '1 hour') at time zone time_zone = midnight.local
            then later.at - interval '1 hour'
            else later.at
        end at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    from (select nullif(local_day, '-infinity')::timestamp) midnight (local)
    cross join lateral (select midnight.local at time zone time_zone) later (at));
