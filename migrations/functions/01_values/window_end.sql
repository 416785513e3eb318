-- window_end: the first local day after a window, when its counter begins again. Null: it never does. Pure.
-- Callers: words_of_limit.
create or replace function window_end(span text, window_on date) returns date
language sql immutable parallel safe
return window_on + case span
    when 'DAY' then interval '1 day'
    when 'WEEK' then interval '7 days'
    when 'MONTH' then interval '1 month'
    when 'QUARTER' then interval '3 months'
    when 'YEAR' then interval '1 year'
end;
