-- Above the item's amount for it, by the version in force at that instant, two different people said yes to one amount of
-- one set of terms: the last first yes before the approval, by actors and authorities who are humans and share no person.
-- Below it, one. Alone, a requester gives only what is below it; and so does silence, in the authority of the duty pool.
with decided as (
    select e.*, g.requested_by, amount.needs_two
    from largesse.events e
    join largesse.gestures g on g.tenant_id = e.tenant_id and g.gesture_id = e.gesture_id
    cross join lateral (
        select coalesce(bool_or(e.amount_minor > (i ->> 'dual_minor')::bigint), false) needs_two
        from largesse.configurations c
        cross join lateral jsonb_array_elements(c.document -> 'catalog') i
        where c.tenant_id = e.tenant_id and c.version = e.configuration_version
            and i ->> 'kind' = g.kind and i ->> 'currency' = g.currency) amount
    where e.state = 'APPROVED' and e.type in ('APPROVED', 'REVISED')),
people as (
    select d.tenant_id, d.gesture_id, d.seq, d.type, d.facts, d.amount_minor, d.needs_two,
        d.authority = d.requested_by is_alone,
        coalesce(d.facts ->> 'on_silence' = 'true', false) is_silence,
        array(
            select a.person_id from largesse.agents a
            where a.tenant_id = d.tenant_id and a.agent_id in (d.actor, d.authority)) last_people,
        array(
            select a.person_id from largesse.agents a
            where a.tenant_id = d.tenant_id and a.agent_id in (f.actor, f.authority)) first_people,
        (select bool_and(a.type = 'HUMAN') from largesse.agents a
            where a.tenant_id = d.tenant_id and a.agent_id in (d.actor, d.authority, f.actor, f.authority)) are_human,
        f.seq first_seq, f.actor first_actor, f.amount_minor first_amount, f.terms_digest = d.terms_digest are_same_terms
    from decided d
    left join lateral (
        select e.* from largesse.events e
        where e.tenant_id = d.tenant_id and e.gesture_id = d.gesture_id and e.type = 'FIRST_YES' and e.seq < d.seq
            and e.seq > (
                select max(o.seq) from largesse.events o
                where o.tenant_id = d.tenant_id and o.gesture_id = d.gesture_id and o.seq <= d.seq
                    and (o.seq = 1 or o.type = 'REVISED'))
        order by e.seq desc
        limit 1) f on true)
select format('gesture %s, event %s: %s was given by %s alone, above the amount for two', p.gesture_id, p.seq,
    p.amount_minor, p.last_people)
from people p
where p.needs_two and (p.is_alone or p.is_silence)
union all
select format('gesture %s, event %s: %s was approved by %s, after %s said yes to %s in event %s (humans: %s)', p.gesture_id,
    p.seq, p.amount_minor, p.last_people, p.first_people, p.first_amount, p.first_seq, p.are_human)
from people p
where p.needs_two and not p.is_alone and not p.is_silence
    and (p.first_amount = p.amount_minor
        and p.are_same_terms
        and p.are_human
        and not p.first_people && p.last_people
        and p.facts -> 'first' ->> 'actor' = p.first_actor) is not true
union all
select format('gesture %s, event %s: silence gave in the authority of %s', e.gesture_id, e.seq, e.authority)
from largesse.events e
join largesse.configurations c on c.tenant_id = e.tenant_id and c.version = e.configuration_version
where e.facts ->> 'on_silence' = 'true'
    and (e.type = 'APPROVED' and e.actor = e.authority and e.authority = c.document -> 'routing' ->> 'duty_pool') is not true
