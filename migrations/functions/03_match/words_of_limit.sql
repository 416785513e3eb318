-- words_of_limit: what a reason says of a limit and its window, whatever was used: name, subject, span, currency, and when
-- the window begins and ends. Pure but for the time zone. Callers: state_of_limit, sweep, which says it once per counter.
-- Cost: some 10 µs.
create or replace function words_of_limit(p_time_zone text, p_limit limits, p_window_on date) returns jsonb
language plpgsql stable
as $$
begin
    return jsonb_build_object(
        'limit', p_limit.name,
        'subject', p_limit.subject,
        'span', p_limit.span,
        'currency', p_limit.currency,
        'window_start', instant(p_window_on, p_time_zone),
        'resets', instant(window_end(p_limit.span, p_window_on), p_time_zone));
end $$;
