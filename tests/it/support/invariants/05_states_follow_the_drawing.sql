-- A gesture's events are numbered without a gap, each change of state is in the drawing, and the row stands where its last
-- event left it.
with told as (
    select e.*, lag(e.state) over one before, row_number() over one place, count(*) over (
        partition by e.tenant_id, e.gesture_id) n
    from largesse.events e
    where e.gesture_id is not null
    window one as (partition by e.tenant_id, e.gesture_id order by e.seq))
select format('gesture %s: event %s, %s to %s', t.gesture_id, t.seq, t.before, t.state)
from told t
where t.seq <> t.place
    or t.type <> t.state
    or (coalesce(t.before, '(none)'), t.state) not in (
        ('(none)', 'APPROVED'), ('(none)', 'PENDING_APPROVAL'), ('(none)', 'DECLINED'), ('(none)', 'TOMBSTONE'),
        ('APPROVED', 'CANCELLED'), ('PENDING_APPROVAL', 'CANCELLED'))
union all
select format('gesture %s is %s, event %s; the trail says %s, event %s', g.gesture_id, g.state, g.seq, t.state, t.seq)
from largesse.gestures g
left join told t on t.tenant_id = g.tenant_id and t.gesture_id = g.gesture_id and t.place = t.n
where (g.state, g.seq) is distinct from (t.state, t.seq)
