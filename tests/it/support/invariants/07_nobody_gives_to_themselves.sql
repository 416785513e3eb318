-- Whoever answered, and whoever's authority it was, is not the person who asked, whichever of their accounts asked and
-- whatever they answered. Nobody gives to an account of their own: not the requester, not the actor, not the authority, and
-- not through another account of the same person. Only the requester revises.
with answers as (
    select e.*, g.requested_by, g.customer_id, who.role, a.agent_id, a.person_id
    from largesse.events e
    join largesse.gestures g on g.tenant_id = e.tenant_id and g.gesture_id = e.gesture_id
    cross join lateral (values ('actor', e.actor), ('authority', e.authority)) who (role, agent_id)
    join largesse.agents a on a.tenant_id = e.tenant_id and a.agent_id = who.agent_id
    where e.seq > 1 and e.type in ('APPROVED', 'FIRST_YES', 'DECLINED', 'RETURNED', 'REASSIGNED', 'REVIEWED'))
select format('gesture %s, event %s: %s as %s of %s is the person who asked', x.gesture_id, x.seq, x.agent_id, x.role,
    x.type)
from answers x
join largesse.agents r on r.tenant_id = x.tenant_id and r.agent_id = x.requested_by
where r.person_id = x.person_id
union all
select format('gesture %s: customer %s is an account of %s', g.gesture_id, g.customer_id, o.agent_id)
from largesse.gestures g
join largesse.events e on e.tenant_id = g.tenant_id and e.gesture_id = g.gesture_id
join largesse.agents w on w.tenant_id = g.tenant_id and w.agent_id in (g.requested_by, e.actor, e.authority)
join largesse.agents o on o.tenant_id = g.tenant_id and o.person_id = w.person_id
where (e.state = 'APPROVED' and e.type in ('APPROVED', 'REVISED') or e.type = 'FIRST_YES')
    and g.customer_id = any (o.own_customer_ids)
union all
select format('gesture %s, event %s: revised by %s', e.gesture_id, e.seq, e.actor)
from largesse.events e
join largesse.gestures g on g.tenant_id = e.tenant_id and g.gesture_id = e.gesture_id
where e.type = 'REVISED' and e.actor <> g.requested_by
