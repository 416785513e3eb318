-- A gesture waits for a decision exactly while its question is open; a glass that was broken has its review, and nothing
-- else has one. A question was opened by an event that asks it and closed by one that answers it. What waits for somebody
-- has its timer, and never one that is later than its end; a review that asks nobody any more has none, nor has what is
-- closed. A first yes stands in the question exactly as it stands in the trail.
select format('gesture %s is %s (glass: %s), and its question is %s, closed %s', g.gesture_id, g.state, g.is_glass,
    a.purpose, a.closed_at)
from largesse.gestures g
left join largesse.approvals a on a.tenant_id = g.tenant_id and a.gesture_id = g.gesture_id
where (g.state = 'PENDING_APPROVAL') <> coalesce(a.purpose = 'DECISION' and a.closed_at is null, false)
    or (g.is_glass and g.charged_limits is not null) <> coalesce(a.purpose = 'REVIEW', false)
    or g.state in ('RETURNED', 'EXPIRED') and coalesce(a.purpose = 'DECISION', false) is false
union all
select format('gesture %s: a question of event %s %s, closed by event %s %s', a.gesture_id, a.opened_seq, o.type,
    a.closed_seq, c.type)
from largesse.approvals a
left join largesse.gestures g on g.tenant_id = a.tenant_id and g.gesture_id = a.gesture_id
left join largesse.events o on o.tenant_id = a.tenant_id and o.gesture_id = a.gesture_id and o.seq = a.opened_seq
left join largesse.events c on c.tenant_id = a.tenant_id and c.gesture_id = a.gesture_id and c.seq = a.closed_seq
where (
        (o.seq = 1 or o.type = 'REVISED')
        and o.at = a.opened_at
        and case a.purpose
            when 'DECISION' then o.state = 'PENDING_APPROVAL' and (
                a.closed_seq is null or c.type in ('APPROVED', 'DECLINED', 'RETURNED', 'REVISED', 'EXPIRED', 'CANCELLED'))
            else o.state = 'APPROVED' and o.facts ->> 'break_glass' = 'true'
                and (a.closed_seq is null or c.type = 'REVIEWED')
        end
        and (a.closed_seq is null or c.at = a.closed_at and c.seq > o.seq)
        and (a.closed_at is not null or a.opened_seq = g.terms_seq)
        and (a.step = 0 or a.purpose = 'REVIEW') >= (a.expires_at is null)
        and a.step >= (
            select count(*) from largesse.events e
            where e.tenant_id = a.tenant_id and e.gesture_id = a.gesture_id and e.type = 'ASKED' and e.seq > a.opened_seq
                and (a.closed_seq is null or e.seq < a.closed_seq))
    ) is not true
union all
select format('gesture %s is %s, its question is %s (step %s, until %s, closed %s), and its timer is due at %s',
    coalesce(a.gesture_id, t.gesture_id), g.state, a.purpose, a.step, a.expires_at, a.closed_at, t.due_at)
from largesse.approvals a
full join (select * from largesse.timers x where x.purpose = 'APPROVAL') t
    on t.tenant_id = a.tenant_id and t.gesture_id = a.gesture_id
left join largesse.gestures g on g.tenant_id = coalesce(a.tenant_id, t.tenant_id)
    and g.gesture_id = coalesce(a.gesture_id, t.gesture_id)
where case
        when g.state = 'RETURNED' then t.due_at is not null
        when a.closed_at is not null or a.purpose is null then t.due_at is null
        when a.purpose = 'DECISION' then t.due_at <= coalesce(a.expires_at, t.due_at)
        else t.due_at is not null or a.step > 0
    end is not true
union all
select format('gesture %s: the first yes is %s''s to %s; the trail says %s, %s', a.gesture_id, a.first_actor, a.first_minor,
    f.actor, f.amount_minor)
from largesse.approvals a
left join lateral (
    select e.* from largesse.events e
    where e.tenant_id = a.tenant_id and e.gesture_id = a.gesture_id and e.type = 'FIRST_YES' and e.seq > a.opened_seq
        and (a.closed_seq is null or e.seq < a.closed_seq)
    order by e.seq desc
    limit 1) f on true
where (a.first_actor, a.first_authority, a.first_minor, a.first_at)
    is distinct from (f.actor, f.authority, f.amount_minor, f.at)
