-- check_entries: the rules about maxima: they name limits and kinds that are there, one entry says it, within hard_max.
-- Callers: compile_maxima. Locks: none. SQLSTATE: LG422.
create or replace function check_entries(p_tenant uuid, p_document jsonb, p_after int) returns void
language plpgsql stable
as $$
#variable_conflict error
begin
    perform refuse_document((
        select case
            when l.limit_id is null then format('%s: no limit is called %s', e.whose, e.limit_name)
            when l.subject = 'TENANT' then format('%s: %s is the tenant''s and has only a hard_max', e.whose, l.name)
            when e.is_kind_named and not exists (
                select from catalog_items i where i.tenant_id = p_tenant and i.kind = e.kind)
                then format('%s: no kind is called %s', e.whose, e.kind)
            when e.amount_minor < 0 or e.count_max < 0 then format('%s: %s has a negative maximum', e.whose, l.name)
            when e.amount_minor > l.hard_minor then format(
                '%s: %s has a maximum of %s above its hard_max of %s', e.whose, l.name, e.amount_minor, l.hard_minor)
            else format(
                '%s: %s has a maximum count of %s above its hard_max of %s', e.whose, l.name, e.count_max, l.hard_count)
        end
        from entries_of_authorities(p_tenant, p_document, p_after) e
        left join limits l on l.tenant_id = p_tenant
            and l.name = e.limit_name
            and l.subject <> 'BUDGET'
            and not l.is_retired
        where l.limit_id is null
            or l.subject = 'TENANT'
            or e.is_kind_named and not exists (
                select from catalog_items i where i.tenant_id = p_tenant and i.kind = e.kind)
            or e.amount_minor < 0
            or e.count_max < 0
            or e.amount_minor > l.hard_minor
            or e.count_max > l.hard_count
        order by 1
        limit 1));
    perform refuse_document((
        select format('%s: two entries for %s and %s', max(e.whose), e.limit_name, e.kind)
        from entries_of_authorities(p_tenant, p_document, p_after) e
        group by e.authority_id, e.limit_name, e.kind, e.rank
        having count(*) > 1
        order by 1
        limit 1));
end $$;
