-- Every counter is the sum of the holds that name it, and every hold has its counter.
with summed as (
    select g.tenant_id, h.limit_id, h.subject, h.window_on,
        sum(h.amount) filter (where g.state in ('APPROVED', 'DISPATCHED')) held,
        sum(least(h.amount, ceil(g.captured_minor * coalesce(h.rate, 1))))
            filter (where g.state in ('DELIVERED', 'FAILED', 'CANCELLED')) captured,
        count(*) filter (where g.state in ('APPROVED', 'DISPATCHED', 'DELIVERED')) n
    from largesse.gestures g
    cross join lateral unnest(g.charged_limits, g.charged_subjects, g.charged_windows, g.charged_minor, g.charged_rates)
        h (limit_id, subject, window_on, amount, rate)
    where h.window_on is not null
    group by 1, 2, 3, 4)
select format('counter %s "%s" %s: %s held, %s captured, %s pieces; its holds say %s, %s, %s', limit_id, subject,
    window_on, k.held_minor, k.captured_minor, k.used_count, s.held, s.captured, s.n)
from largesse.counters k
full join summed s using (tenant_id, limit_id, subject, window_on)
where (coalesce(k.held_minor, -1), coalesce(k.captured_minor, -1), coalesce(k.used_count, -1))
    is distinct from (coalesce(s.held, 0)::bigint, coalesce(s.captured, 0)::bigint, coalesce(s.n, 0)::int)
