-- Each change has its event in a sealed batch; each gesture that was approved, and no other, its task; and who is away is
-- who said so last, until when they said.
select format('gesture %s has %s events and stands at %s', g.gesture_id, e.n, g.seq)
from largesse.gestures g
cross join lateral (
    select count(*) n from largesse.events e where e.tenant_id = g.tenant_id and e.gesture_id = g.gesture_id) e
where e.n <> g.seq
union all
select format('event %s/%s is in no batch', e.batch_id, e.ordinal)
from largesse.events e
left join largesse.batches b on b.tenant_id = e.tenant_id and b.batch_id = e.batch_id
where b.batch_id is null
union all
select format('gesture %s is %s, and its task is %s', coalesce(g.gesture_id, t.gesture_id), g.state, t.channel)
from largesse.gestures g
full join largesse.tasks t on t.tenant_id = g.tenant_id and t.gesture_id = g.gesture_id
where (g.charged_limits is not null and g.about is null) <> (t.gesture_id is not null)
union all
select format('%s is away from %s to %s, and said last: %s', coalesce(b.agent_id, s.facts ->> 'agent'), b.away_from,
    b.away_until, s.facts)
from largesse.absences b
full join (
    select distinct on (e.tenant_id, e.facts ->> 'agent') e.tenant_id, e.facts
    from largesse.events e
    join largesse.batches x on x.tenant_id = e.tenant_id and x.batch_id = e.batch_id
    where e.type = 'AWAY_SET'
    order by e.tenant_id, e.facts ->> 'agent', x.batch_no desc) s
    on s.tenant_id = b.tenant_id and s.facts ->> 'agent' = b.agent_id
where (b.away_from, b.away_until)
    is distinct from ((s.facts ->> 'from')::timestamptz, (s.facts ->> 'until')::timestamptz)
