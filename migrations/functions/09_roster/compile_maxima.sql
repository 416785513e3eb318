-- compile_maxima: the rows that matching reads, for the authorities after p_after: for each kind every limit that
-- binds. AGENT and AGENT_AND_CUSTOMER limits bind where an entry names them; CUSTOMER, CASE and TENANT ones always,
-- at hard_max where no entry says less. BUDGET limits come with the budget and are in no row here. The limit break_glass
-- grants nothing: a maximum for it is the right to break the glass, which is no authority. Each row says what matching
-- needs to know of its limit.
-- Callers: give_authority. Locks: the new rows. Cost: a row per authority, kind and limit. SQLSTATE: LG422.
create or replace function compile_maxima(p_tenant uuid, p_document jsonb, p_after int) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    perform check_entries(p_tenant, p_document, p_after);

    insert into maxima (
        tenant_id, authority_id, kind, limit_id, max_minor, max_count, grants, subject, span, currency, segments,
        occasions, hard_minor, hard_count, is_glass)
    with chosen as (
        select distinct on (e.authority_id, e.limit_name, e.kind) e.*
        from entries_of_authorities(p_tenant, p_document, p_after) e
        order by e.authority_id, e.limit_name, e.kind, e.rank desc)
    select
        p_tenant, u.authority_id, k.kind, l.limit_id, coalesce(c.amount_minor, l.hard_minor),
        coalesce(c.count_max, l.hard_count),
        l.subject = 'AGENT' and c.amount_minor is not null and not g.is_glass,
        l.subject, l.span, l.currency, l.segments, l.occasions,
        -- Full, the limit of broken glass asks somebody else, so it has no maximum that nobody passes.
        case when g.is_glass then 1000000000000000000 else l.hard_minor end,
        case when g.is_glass then 2147483647 else l.hard_count end,
        g.is_glass
    from authorities u
    cross join (select distinct i.kind from catalog_items i where i.tenant_id = p_tenant) k
    join limits l on l.tenant_id = p_tenant
        and not l.is_retired
        and l.subject <> 'BUDGET'
        and (l.kinds is null or k.kind = any (l.kinds))
    cross join lateral (select l.name = 'break_glass') g (is_glass)
    left join chosen c on c.authority_id = u.authority_id and c.limit_name = l.name and c.kind = k.kind
    where u.tenant_id = p_tenant
        and u.authority_id > p_after
        and (c.kind is not null or l.subject in ('CUSTOMER', 'CASE', 'TENANT'));

    perform refuse_document((
        select format(
            'level %s: %s has no AGENT limit with an amount that is free of segments and occasions', u.level, m.kind)
        from maxima m
        join limits l on l.tenant_id = p_tenant and l.limit_id = m.limit_id
        join authorities u on u.tenant_id = p_tenant and u.authority_id = m.authority_id
        where m.tenant_id = p_tenant and m.authority_id > p_after and m.grants
        group by u.level, m.authority_id, m.kind
        having not bool_or(l.segments is null and l.occasions is null)
        order by 1
        limit 1));
end $$;
