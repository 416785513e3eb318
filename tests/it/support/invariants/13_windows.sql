-- Each hold lies in the one window that contains its instant, in the zone and the week of the version that decided it.
select format('gesture %s at %s: limit %s (%s) was charged in %s', g.gesture_id, g.decided_at, h.limit_id, l.span,
    h.window_on)
from largesse.gestures g
join largesse.configurations c on c.tenant_id = g.tenant_id and c.version = g.configuration_version
cross join lateral (select (g.decided_at at time zone (c.document ->> 'time_zone'))::date) d (day)
cross join lateral unnest(g.charged_limits, g.charged_windows) h (limit_id, window_on)
join largesse.limits l on l.tenant_id = g.tenant_id and l.limit_id = h.limit_id
where case l.span
        when 'GESTURE' then h.window_on is null
        when 'EVER' then h.window_on = '-infinity'
        when 'DAY' then h.window_on = d.day
        when 'WEEK' then d.day - h.window_on between 0 and 6
            and extract(isodow from h.window_on) = (c.document ->> 'week_starts_on')::int
        when 'MONTH' then to_char(h.window_on, 'YYYYMMDD') = to_char(d.day, 'YYYYMM') || '01'
        when 'QUARTER' then to_char(h.window_on, 'YYYYQ') = to_char(d.day, 'YYYYQ')
            and to_char(h.window_on, 'MMDD') in ('0101', '0401', '0701', '1001')
        when 'YEAR' then to_char(h.window_on, 'YYYYMMDD') = to_char(d.day, 'YYYY') || '0101'
    end is not true
