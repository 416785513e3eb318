-- state_of_limit: how one limit stands, in the words of a reason: used, ceiling, left, when it begins again, and
-- the largest amount that would pass it now. Amounts are minor units of the limit's currency, but for largest_now:
-- of the gesture's. A ceiling that does not bind is null. Pure but for the time zone. Callers: remaining.
-- Cost: some 15 µs.
create or replace function state_of_limit(
    p_time_zone text, p_limit limits, p_window_on date, p_used bigint, p_used_count int, p_ceiling bigint,
    p_ceiling_count int, p_largest bigint) returns jsonb
language plpgsql stable
as $$
begin
    return words_of_limit(p_time_zone, p_limit, p_window_on)
        || use_of_limit(p_used, p_used_count, p_ceiling, p_ceiling_count, p_largest);
end $$;
