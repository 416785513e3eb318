-- A gesture's events are numbered without a gap, each leads from its state to the next as the drawing says, and the row stands
-- where its last event left it. The etag is the last event that changed the gesture itself.
with told as (
    select e.*, lag(e.state) over one before, row_number() over one place, count(*) over (
        partition by e.tenant_id, e.gesture_id) n,
        max(e.seq) filter (where e.type not in ('ASKED', 'REASSIGNED')) over (
            partition by e.tenant_id, e.gesture_id) etag
    from largesse.events e
    where e.gesture_id is not null
    window one as (partition by e.tenant_id, e.gesture_id order by e.seq))
select format('gesture %s: event %s, %s to %s by %s', t.gesture_id, t.seq, t.before, t.state, t.type)
from told t
where t.seq <> t.place
    or (coalesce(t.before, '(none)'), t.type, t.state) not in (
        ('(none)', 'APPROVED', 'APPROVED'), ('(none)', 'PENDING_APPROVAL', 'PENDING_APPROVAL'),
        ('(none)', 'DECLINED', 'DECLINED'), ('(none)', 'TOMBSTONE', 'TOMBSTONE'),
        ('PENDING_APPROVAL', 'ASKED', 'PENDING_APPROVAL'), ('PENDING_APPROVAL', 'REASSIGNED', 'PENDING_APPROVAL'),
        ('PENDING_APPROVAL', 'FIRST_YES', 'PENDING_APPROVAL'), ('PENDING_APPROVAL', 'APPROVED', 'APPROVED'),
        ('PENDING_APPROVAL', 'DECLINED', 'DECLINED'), ('PENDING_APPROVAL', 'RETURNED', 'RETURNED'),
        ('PENDING_APPROVAL', 'REVISED', 'PENDING_APPROVAL'), ('PENDING_APPROVAL', 'REVISED', 'APPROVED'),
        ('PENDING_APPROVAL', 'REVISED', 'DECLINED'), ('PENDING_APPROVAL', 'CANCELLED', 'CANCELLED'),
        ('PENDING_APPROVAL', 'EXPIRED', 'EXPIRED'),
        ('RETURNED', 'REVISED', 'PENDING_APPROVAL'), ('RETURNED', 'REVISED', 'APPROVED'),
        ('RETURNED', 'REVISED', 'DECLINED'), ('RETURNED', 'CANCELLED', 'CANCELLED'), ('RETURNED', 'EXPIRED', 'EXPIRED'),
        ('APPROVED', 'CANCELLED', 'CANCELLED'),
        -- a review of a broken glass does not mind what became of the gesture
        ('APPROVED', 'ASKED', 'APPROVED'), ('APPROVED', 'REVIEWED', 'APPROVED'),
        ('CANCELLED', 'ASKED', 'CANCELLED'), ('CANCELLED', 'REVIEWED', 'CANCELLED'))
union all
select format('gesture %s is %s, event %s, etag %s; the trail says %s, event %s, etag %s', g.gesture_id, g.state, g.seq,
    g.etag, t.state, t.seq, t.etag)
from largesse.gestures g
left join told t on t.tenant_id = g.tenant_id and t.gesture_id = g.gesture_id and t.place = t.n
where (g.state, g.seq, g.etag) is distinct from (t.state, t.seq, t.etag)
