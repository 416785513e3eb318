-- entries_of_authorities: what levels and overrides say of maxima, for the authorities after p_after: a row for
-- each entry and each kind that it speaks of. rank tells which of several wins: an override before a level's entry,
-- and of each the one that names kinds before the one that means all.
-- Callers: compile_maxima, check_entries. Locks: none.
create or replace function entries_of_authorities(p_tenant uuid, p_document jsonb, p_after int)
returns table (
    authority_id int, whose text, limit_name text, kind text, is_kind_named boolean, rank int, amount_minor bigint,
    count_max int)
language plpgsql stable
as $$
#variable_conflict error
begin
    return query
        with kinds as (
            select distinct i.kind from catalog_items i where i.tenant_id = p_tenant),
        levels as (
            select v.* from jsonb_to_recordset(p_document -> 'levels') v (name text, maxima jsonb)),
        lists as (
            select u.authority_id, 'level ' || u.level whose, false is_override, v.maxima list
            from authorities u
            join levels v on v.name = u.level
            where u.tenant_id = p_tenant and u.authority_id > p_after
            union all
            select a.authority_id, 'agent ' || a.agent_id, true, a.overrides
            from agents a
            where a.tenant_id = p_tenant and a.authority_id > greatest(p_after, 1000000)),
        entries as (
            select
                l.authority_id, l.whose, l.is_override,
                e."limit" limit_name, e.amount_minor, e."count" count_max, e.kinds
            from lists l
            cross join lateral jsonb_to_recordset(l.list) e (
                "limit" text, amount_minor bigint, "count" int, kinds text[]))
        select
            e.authority_id, e.whose, e.limit_name, k.kind, e.kinds is not null,
            2 * e.is_override::int + (e.kinds is not null)::int,
            e.amount_minor, e.count_max
        from entries e
        cross join lateral (
            select x.kind from kinds x where e.kinds is null
            union all
            select x.kind from unnest(e.kinds) x (kind)) k;
end $$;
