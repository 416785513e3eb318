-- instant: the instant at which a local day begins, as ISO 8601 in UTC, whatever the session's settings. Where clocks go
-- back over midnight (the Azores, Havana) midnight comes twice, and the day begins with the first.
-- Null for null and for -infinity. In PL/pgSQL, because as SQL, which cannot be inlined, it was planned at every call: a
-- sixteenth of a refusal. Callers: words_of_limit.
create or replace function instant(local_day date, time_zone text) returns text
language plpgsql stable parallel safe
as $$
declare
    v_midnight timestamp := nullif(local_day, '-infinity')::timestamp;
    v_later timestamptz := v_midnight at time zone time_zone;
    v_earlier timestamptz := v_later - interval '1 hour';
begin
    if v_earlier at time zone time_zone = v_midnight then
        v_later := v_earlier;
    end if;
    return to_char(v_later at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
end $$;
