-- state_of_limit: how one limit stands, in the words of a reason: used, ceiling, left, when it begins again, and
-- the largest amount that would pass it now. Amounts are minor units of the limit's currency, but for largest_now:
-- of the gesture's. A ceiling that does not bind is null. Pure but for the time zone. Callers: explain_limit,
-- remaining. Cost: some 8 µs.
create or replace function state_of_limit(
    p_time_zone text, p_limit limits, p_window_on date, p_used bigint, p_used_count int, p_ceiling bigint,
    p_ceiling_count int, p_largest bigint) returns jsonb
language plpgsql stable
as $$
begin
    return jsonb_build_object(
        'limit', p_limit.name,
        'subject', p_limit.subject,
        'span', p_limit.span,
        'currency', p_limit.currency,
        'used', p_used,
        'used_count', p_used_count,
        'ceiling', nullif(p_ceiling, 1000000000000000000),
        'ceiling_count', nullif(p_ceiling_count, 2147483647),
        'left', case when p_ceiling < 1000000000000000000 then greatest(p_ceiling - p_used, 0) end,
        'window_start', instant(p_window_on, p_time_zone),
        'resets', instant(window_end(p_limit.span, p_window_on), p_time_zone),
        'largest_now', p_largest);
end $$;
