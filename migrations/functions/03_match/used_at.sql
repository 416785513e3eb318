-- used_at: what each of these counters had been used at an instant, recomputed from the holds. A hold that was open
-- then counts in full; of one that had ended, what it had captured.
-- Callers: remaining, for an instant. Locks: none. Cost: reads the tenant's gestures up to the instant once.
create or replace function used_at(p_tenant uuid, p_at timestamptz, p_limits int[], p_subjects text[], p_windows date[])
returns table (limit_id int, subject text, window_on date, used bigint, used_count int)
language plpgsql stable
as $$
#variable_conflict error
begin
    return query
        with held as (
            select c.limit_id, c.subject collate "C" subject, c.window_on, c.amount, c.rate, g.captured_minor,
                coalesce(g.settled_at > p_at, true) is_open, g.state = 'DELIVERED' is_delivered
            from gestures g
            cross join lateral unnest(
                g.charged_limits, g.charged_subjects, g.charged_windows, g.charged_minor,
                coalesce(g.charged_rates, array_fill(null::numeric, array[cardinality(g.charged_limits)])))
                c (limit_id, subject, window_on, amount, rate)
            where g.tenant_id = p_tenant
                and g.created_at <= p_at
                and g.decided_at <= p_at
                and g.charged_limits && p_limits)
        select
            h.limit_id, h.subject, h.window_on,
            sum(case when h.is_open then h.amount
                else captured_of(h.captured_minor, h.amount, h.rate) end)::bigint,
            count(*) filter (where h.is_open or h.is_delivered)::int
        from held h
        where (h.limit_id, h.subject, h.window_on) in (
            select w.limit_id, w.subject, w.window_on
            from unnest(p_limits, p_subjects, p_windows) w (limit_id, subject, window_on))
        group by 1, 2, 3;
end $$;
