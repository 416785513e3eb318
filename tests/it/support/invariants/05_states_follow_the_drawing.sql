-- A gesture's events are numbered without a gap, each event is of a type that leads where it says it led, and the row
-- stands where they left it: seq at the last one, etag at the last one that changed the gesture itself (asking people,
-- what is promised, what was only tried and what was said afterwards do not), terms_seq at the one with the terms in
-- force, decision_seq at the one that answered them.
with told as (
    select e.*, lag(e.state) over one before, row_number() over one place, count(*) over (
        partition by e.tenant_id, e.gesture_id) n
    from largesse.events e
    where e.gesture_id is not null
    window one as (partition by e.tenant_id, e.gesture_id order by e.seq)),
stands as (
    select t.tenant_id, t.gesture_id, max(t.seq) seq,
        max(t.seq) filter (where t.type not in ('ASKED', 'REASSIGNED', 'TRY_FAILED', 'REST_ACCEPTED', 'FOLLOW_UP_CLOSED',
            'OUTCOME_RECORDED') and t.type not like 'PROMISE%') etag,
        max(t.seq) filter (where t.seq = 1 or t.type = 'REVISED') terms_seq,
        max(t.seq) filter (
            where t.seq = 1 or t.type = 'REVISED' or t.type = 'DECLINED' and t.authority is null) decision_seq
    from told t
    group by 1, 2)
select format('gesture %s: event %s %s, %s to %s', t.gesture_id, t.seq, t.type, t.before, t.state)
from told t
where t.seq <> t.place
    or case
        when t.before is null then t.type = t.state and t.type in ('APPROVED', 'PENDING_APPROVAL', 'DECLINED', 'TOMBSTONE')
            or (t.type, t.state) = ('COST_ACCEPTED', 'DELIVERED')
        else (t.type, t.before, t.state) in (
            ('APPROVED', 'PENDING_APPROVAL', 'APPROVED'), ('FIRST_YES', 'PENDING_APPROVAL', 'PENDING_APPROVAL'),
            ('DECLINED', 'PENDING_APPROVAL', 'DECLINED'), ('RETURNED', 'PENDING_APPROVAL', 'RETURNED'),
            ('REASSIGNED', 'PENDING_APPROVAL', 'PENDING_APPROVAL'),
            ('REVISED', 'PENDING_APPROVAL', 'APPROVED'), ('REVISED', 'PENDING_APPROVAL', 'PENDING_APPROVAL'),
            ('REVISED', 'PENDING_APPROVAL', 'DECLINED'), ('REVISED', 'RETURNED', 'APPROVED'),
            ('REVISED', 'RETURNED', 'PENDING_APPROVAL'), ('REVISED', 'RETURNED', 'DECLINED'),
            ('EXPIRED', 'PENDING_APPROVAL', 'EXPIRED'), ('EXPIRED', 'RETURNED', 'EXPIRED'),
            ('CANCELLED', 'APPROVED', 'CANCELLED'), ('CANCELLED', 'PENDING_APPROVAL', 'CANCELLED'),
            ('CANCELLED', 'RETURNED', 'CANCELLED'), ('CANCELLED', 'DISPATCHED', 'CANCELLED'),
            ('DISPATCHED', 'APPROVED', 'DISPATCHED'), ('TRY_FAILED', 'APPROVED', 'APPROVED'),
            ('DELIVERED', 'APPROVED', 'DELIVERED'), ('DELIVERED', 'DISPATCHED', 'DELIVERED'),
            ('FAILED', 'APPROVED', 'FAILED'), ('FAILED', 'DISPATCHED', 'FAILED'),
            ('COST_CORRECTED', 'DELIVERED', 'DELIVERED'),
            ('REST_ACCEPTED', 'DELIVERED', 'DELIVERED'), ('REST_ACCEPTED', 'FAILED', 'FAILED'))
            or (t.type in ('REVIEWED', 'FOLLOW_UP_CLOSED', 'OUTCOME_RECORDED') or t.type like 'PROMISE%')
                and t.state = t.before
                and t.state in ('APPROVED', 'DISPATCHED', 'DELIVERED', 'FAILED', 'CANCELLED')
            or t.type = 'ASKED' and t.state = t.before and case t.facts ->> 'purpose'
                when 'DECISION' then t.state = 'PENDING_APPROVAL'
                when 'REVIEW' then t.state in ('APPROVED', 'DISPATCHED', 'DELIVERED', 'FAILED', 'CANCELLED')
            end
    end is not true
union all
select format('gesture %s is %s, event %s; the trail says %s, event %s', g.gesture_id, g.state, g.seq, t.state, t.seq)
from largesse.gestures g
left join told t on t.tenant_id = g.tenant_id and t.gesture_id = g.gesture_id and t.place = t.n
where (g.state, g.seq) is distinct from (t.state, t.seq)
union all
select format('gesture %s: etag %s at %s, terms %s, decision %s; the trail says %s at %s, %s, %s', g.gesture_id, g.etag,
    g.updated_at, g.terms_seq, g.decision_seq, s.etag, t.at, s.terms_seq, s.decision_seq)
from largesse.gestures g
join stands s on s.tenant_id = g.tenant_id and s.gesture_id = g.gesture_id
join told t on t.tenant_id = g.tenant_id and t.gesture_id = g.gesture_id and t.seq = s.etag
where (g.etag, g.updated_at, g.terms_seq, g.decision_seq)
    is distinct from (s.etag, t.at, s.terms_seq, s.decision_seq)
