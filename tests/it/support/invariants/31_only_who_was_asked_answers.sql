-- Whoever answered a question did so in an authority that was asked about it: earlier in the trail, since the question was
-- opened, for that purpose, and not handed on since. Each row of the asked has the event by which they were asked, and only
-- those of an open question are open. Silence answers for nobody: it is not asked, and only when the question was over.
with questions as (
    select e.*, case e.type when 'REVIEWED' then 'REVIEW' else 'DECISION' end purpose, (
        select max(o.seq) from largesse.events o
        where o.tenant_id = e.tenant_id and o.gesture_id = e.gesture_id and o.seq < e.seq
            and (o.seq = 1 or o.type = 'REVISED')) opened_seq
    from largesse.events e
    where e.gesture_id is not null and e.seq > 1
        and e.type in ('APPROVED', 'FIRST_YES', 'DECLINED', 'RETURNED', 'REASSIGNED', 'REVIEWED')),
asked as (
    select e.tenant_id, e.gesture_id, e.seq, e.at, a.agent, a.how, e.facts ->> 'purpose' purpose,
        (e.facts ->> 'answer_by')::timestamptz answer_by
    from largesse.events e
    cross join lateral unnest(
        array(select json_array_elements_text(e.facts -> 'agents')),
        array(select json_array_elements_text(e.facts -> 'how'))) a (agent, how)
    where e.type = 'ASKED'
    union all
    select e.tenant_id, e.gesture_id, e.seq, e.at, e.facts ->> 'to', 'REASSIGNED', 'DECISION', null
    from largesse.events e
    where e.type = 'REASSIGNED')
select format('gesture %s, event %s: %s by %s in the authority of %s, who was not asked', q.gesture_id, q.seq, q.type,
    q.actor, q.authority)
from questions q
cross join lateral (
    select max(a.seq) seq from asked a
    where a.tenant_id = q.tenant_id and a.gesture_id = q.gesture_id and a.agent = q.authority
        and a.seq > q.opened_seq and a.seq < q.seq and a.purpose = q.purpose) was
where q.authority is not null
    and coalesce(q.facts ->> 'on_silence', '') <> 'true'
    and (was.seq is null or exists (
        select from largesse.events h
        where h.tenant_id = q.tenant_id and h.gesture_id = q.gesture_id and h.type = 'REASSIGNED'
            and h.facts ->> 'from' = q.authority and h.seq > was.seq and h.seq < q.seq))
union all
select format('gesture %s: %s was asked at %s (%s), and no event says so', a.gesture_id, a.agent_id, a.asked_at, a.how)
from largesse.asks a
where not exists (
    select from asked x
    where x.tenant_id = a.tenant_id and x.gesture_id = a.gesture_id and x.agent = a.agent_id and x.at = a.asked_at
        and x.how = a.how and x.seq > a.opened_seq and coalesce(x.answer_by = a.answer_by, true))
union all
select format('gesture %s: event %s asked %s, and no row says so', x.gesture_id, x.seq, x.agent)
from asked x
where not exists (
    select from largesse.asks a
    where a.tenant_id = x.tenant_id and a.gesture_id = x.gesture_id and a.agent_id = x.agent and a.asked_at >= x.at)
union all
select format('gesture %s: %s may answer, and nothing is open', a.gesture_id, a.agent_id)
from largesse.asks a
left join largesse.approvals q on q.tenant_id = a.tenant_id and q.gesture_id = a.gesture_id
where a.closed_at is null and (q.closed_at is null and q.opened_seq = a.opened_seq) is not true
union all
select format('gesture %s, event %s: %s at %s, before the question was over', e.gesture_id, e.seq, e.type, e.at)
from largesse.events e
join largesse.approvals q on q.tenant_id = e.tenant_id and q.gesture_id = e.gesture_id and q.purpose = 'DECISION'
    and q.closed_seq = e.seq
where (e.type = 'EXPIRED' or e.facts ->> 'on_silence' = 'true') and (q.expires_at <= e.at) is not true
