-- Each change has its event in a sealed batch, and each approved gesture, and no other, its task.
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
where (g.state is not distinct from 'APPROVED') <> (t.gesture_id is not null)
