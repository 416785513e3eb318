-- APPROVED and DISPATCHED hold, each counter once and a budget among them; DELIVERED and FAILED have ended their hold,
-- and so has CANCELLED of what was approved; nothing else ever held. What holds was decided, by somebody and in some
-- authority; what waits or was returned is not decided; and a first yes holds nothing, so nothing but the state says who
-- decided.
select format('gesture %s is %s and holds %s', g.gesture_id, g.state, g.charged_limits)
from largesse.gestures g
where case g.state
        when 'APPROVED' then g.charged_limits is not null and g.settled_at is null and g.captured_minor is null
        when 'DISPATCHED' then g.charged_limits is not null and g.settled_at is null and g.captured_minor is null
        when 'DELIVERED' then (g.charged_limits, g.settled_at, g.captured_minor, g.actual_minor) is not null
        when 'FAILED' then (g.charged_limits, g.settled_at, g.captured_minor, g.actual_minor) is not null
        when 'CANCELLED' then (g.charged_limits is null) = (g.settled_at is null)
            and (g.charged_limits is null) = (g.captured_minor is null)
        else g.charged_limits is null and g.settled_at is null and g.captured_minor is null
    end is not true
    or (g.charged_limits is null) <> (g.hold_minor is null)
    or (g.charged_limits is not null and (
        cardinality(g.charged_limits) <> all (array[
            cardinality(g.charged_subjects), cardinality(g.charged_windows), cardinality(g.charged_minor),
            cardinality(g.charged_maxima), coalesce(cardinality(g.charged_rates), cardinality(g.charged_limits))])
        or cardinality(g.charged_limits) <> (select count(distinct x) from unnest(g.charged_limits) x)
        or not exists (
            select from largesse.limits l
            where l.tenant_id = g.tenant_id and l.limit_id = any (g.charged_limits) and l.subject = 'BUDGET')))
union all
select format('gesture %s is %s and was decided at %s by %s in the authority of %s', g.gesture_id, g.state, g.decided_at,
    g.decided_by, g.authority)
from largesse.gestures g
where case
        when g.charged_limits is not null then (g.decided_at, g.decided_by, g.authority) is not null
        when g.state = 'DECLINED' then g.decided_at is not null and (g.decided_by, g.authority) is null
        else (g.decided_at, g.decided_by, g.authority) is null
    end is not true
