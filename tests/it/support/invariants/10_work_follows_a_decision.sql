-- Whatever is to be fulfilled was approved earlier in the trail and is neither done nor cancelled since, is done through
-- the channel that the deciding version names, and not before it was decided. While a lease lasts nobody else may take
-- it. It is within the authority at the instant of the decision: no charge is above the maximum that was applied; and
-- where that version is still in force, these maxima are those of the authority for that kind (of the limit itself where
-- the glass was broken), and one of them grants.
with decided as (
    select g.*, l.name, l.subject limit_subject, l.hard_minor, h.limit_id, h.amount, h.maximum, m.max_minor, m.grants
    from largesse.gestures g
    join largesse.tenants t on t.tenant_id = g.tenant_id and t.configuration_version = g.configuration_version
    join largesse.agents a on a.tenant_id = g.tenant_id and a.agent_id = g.authority
    cross join lateral unnest(g.charged_limits, g.charged_minor, g.charged_maxima) h (limit_id, amount, maximum)
    join largesse.limits l on l.tenant_id = g.tenant_id and l.limit_id = h.limit_id
    left join largesse.maxima m on m.tenant_id = g.tenant_id and m.authority_id = a.authority_id and m.kind = g.kind
        and m.limit_id = h.limit_id
    where g.state in ('APPROVED', 'DISPATCHED', 'DELIVERED', 'FAILED') and g.about is null)
select format('gesture %s is to be done by %s at %s, and was decided at %s', t.gesture_id, t.channel, t.ready_at,
    g.decided_at)
from largesse.tasks t
left join largesse.gestures g on g.tenant_id = t.tenant_id and g.gesture_id = t.gesture_id
left join lateral (
    select i ->> 'channel' channel
    from largesse.configurations c
    cross join lateral jsonb_array_elements(c.document -> 'catalog') i
    where c.tenant_id = g.tenant_id and c.version = g.configuration_version
        and i ->> 'kind' = g.kind and i ->> 'currency' = g.currency) i on true
where (t.channel = i.channel and coalesce(t.ready_at >= g.decided_at, true)) is not true
    or not exists (
        select from largesse.events e
        where e.tenant_id = t.tenant_id and e.gesture_id = t.gesture_id and e.state = 'APPROVED'
            and e.type in ('APPROVED', 'REVISED') and e.at = g.decided_at)
    or (t.ready_at is not null) <> (g.state in ('APPROVED', 'DISPATCHED'))
    or t.leased_until is not null and (t.ready_at is distinct from t.leased_until or t.lease_no = 0)
union all
select format('gesture %s: limit %s was charged %s under %s; %s has %s', d.gesture_id, d.name, d.amount, d.maximum,
    d.authority, d.max_minor)
from decided d
where (d.amount <= d.maximum and case
        when d.limit_subject = 'BUDGET' then true
        when d.is_glass and d.name <> 'break_glass' then d.maximum = d.hard_minor
        else d.maximum = least(d.max_minor, d.hard_minor)
    end) is not true
union all
select format('gesture %s: %s has no authority for it', d.gesture_id, d.authority)
from decided d
group by d.tenant_id, d.gesture_id, d.authority
having coalesce(bool_or(d.grants), false) is false
