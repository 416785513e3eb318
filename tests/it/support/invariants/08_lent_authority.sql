-- Delegations go from person to person, one level deep at any instant: whoever lends is lent to by nobody, so that no circle
-- closes either. Each is in the trail, and ends when the trail says so. Whoever answered in another's authority was lent it:
-- made earlier in the trail and not revoked by then, for that instant and that kind, and for no more per gesture than lent
-- (in its currency, at the rate of the version in force); or answered for the duty pool of which they were a member.
with made as materialized (
    select e.tenant_id, b.batch_no, (e.facts ->> 'id')::uuid id, e.facts ->> 'delegator' delegator,
        e.facts ->> 'delegate' delegate, (e.facts ->> 'from')::timestamptz starts_at,
        (e.facts ->> 'until')::timestamptz ends_at, case when e.facts::jsonb -> 'kinds' <> 'null' then array(
            select json_array_elements_text(e.facts -> 'kinds')) end kinds,
        (e.facts ->> 'lent_minor')::bigint lent_minor, e.facts ->> 'currency' lent_currency, r.batch_no revoked_no,
        r.at revoked_at
    from largesse.events e
    join largesse.batches b on b.tenant_id = e.tenant_id and b.batch_id = e.batch_id
    left join lateral (
        select rb.batch_no, x.at
        from largesse.events x
        join largesse.batches rb on rb.tenant_id = x.tenant_id and rb.batch_id = x.batch_id
        where x.tenant_id = e.tenant_id and x.type = 'DELEGATION_REVOKED' and x.facts ->> 'id' = e.facts ->> 'id'
        order by rb.batch_no
        limit 1) r on true
    where e.type = 'DELEGATION_MADE'),
answers as materialized (
    select e.*, b.batch_no, g.kind, g.currency, e.seq > g.terms_seq is_of_these_terms
    from largesse.events e
    join largesse.batches b on b.tenant_id = e.tenant_id and b.batch_id = e.batch_id
    join largesse.gestures g on g.tenant_id = e.tenant_id and g.gesture_id = e.gesture_id
    where e.authority is not null and e.authority <> e.actor)
select format('%s lends to %s until %s, who is the same person, or no human', d.delegator_id, d.delegate_id,
    d.ends_at)
from largesse.delegations d
left join largesse.agents f on f.tenant_id = d.tenant_id and f.agent_id = d.delegator_id
left join largesse.agents t on t.tenant_id = d.tenant_id and t.agent_id = d.delegate_id
where (f.person_id <> t.person_id and f.type = 'HUMAN' and t.type = 'HUMAN') is not true
union all
select format('%s lends to %s, who lends to %s at the same time', d.delegator_id, d.delegate_id, x.delegate_id)
from largesse.delegations d
join largesse.delegations x on x.tenant_id = d.tenant_id and x.starts_at < d.ends_at and d.starts_at < x.ends_at
join largesse.agents t on t.tenant_id = d.tenant_id and t.agent_id = d.delegate_id
join largesse.agents f on f.tenant_id = d.tenant_id and f.agent_id = x.delegator_id
where t.person_id = f.person_id
union all
select format('delegation %s is %s to %s from %s to %s; the trail says otherwise', coalesce(d.delegation_id, m.id),
    d.delegator_id, d.delegate_id, d.starts_at, d.ends_at)
from largesse.delegations d
full join made m on m.tenant_id = d.tenant_id and m.id = d.delegation_id
where (d.delegator_id, d.delegate_id, d.starts_at, d.ends_at, d.kinds, d.lent_minor, d.lent_currency, d.revoked_at)
    is distinct from (m.delegator, m.delegate, m.starts_at, coalesce(m.revoked_at, m.ends_at), m.kinds, m.lent_minor,
        m.lent_currency, m.revoked_at)
union all
select format('gesture %s, event %s: %s in the authority of %s, which nobody had lent them', a.gesture_id, a.seq, a.actor,
    a.authority)
from answers a
join largesse.configurations c on c.tenant_id = a.tenant_id and c.version = a.configuration_version
where not (
        coalesce(a.authority = c.document -> 'routing' ->> 'duty_pool', false)
        and c.document -> 'routing' -> 'duty_members' ? a.actor)
    and not exists (
        select from made m
        cross join lateral (
            select case when m.lent_currency = a.currency then a.amount_minor else (
                select ceil(a.amount_minor * (r ->> 'rate')::numeric)
                from jsonb_array_elements(c.document -> 'rates' -> 'table') r
                where r ->> 'from' = a.currency and r ->> 'to' = m.lent_currency
                    and (a.at at time zone (c.document ->> 'time_zone'))::date - (r ->> 'on')::date
                        between 0 and (c.document -> 'rates' ->> 'max_age_days')::int
                order by r ->> 'on' desc
                limit 1) end minor) used
        where m.tenant_id = a.tenant_id and m.delegator = a.authority and m.delegate = a.actor
            and m.batch_no < a.batch_no and coalesce(a.batch_no < m.revoked_no, true)
            and m.starts_at <= a.at and a.at < m.ends_at
            and (m.kinds is null or a.kind = any (m.kinds) or not a.is_of_these_terms)
            and (a.type not in ('APPROVED', 'FIRST_YES') or m.lent_minor is null
                or used.minor <= m.lent_minor or not a.is_of_these_terms))
