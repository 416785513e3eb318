-- window_on: the first local day of the calendar window that contains a local time; that day names the window.
-- GESTURE has none (null: it has no counter either); EVER began at -infinity.
-- Callers: match. Pure, and written so that the planner inlines it: as a call it was a twelfth of a batch.
create or replace function window_on(span text, local timestamp, week_starts_on int) returns date
language sql immutable parallel safe
return case span
    when 'GESTURE' then null
    when 'DAY' then local::date
    when 'WEEK' then local::date - (extract(isodow from local)::int - week_starts_on + 7) % 7
    when 'MONTH' then date_trunc('month', local)::date
    when 'QUARTER' then date_trunc('quarter', local)::date
    when 'YEAR' then date_trunc('year', local)::date
    else date '-infinity'
end;
