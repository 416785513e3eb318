-- check_lent: nobody lends what they do not have: kinds for which they have an authority, and per gesture no more than their
-- own highest maximum in that currency. What they can lend later may be less: an answer is held against both.
-- Callers: check_delegation. Locks: none. Cost: the delegator's maxima.
create or replace function check_lent(
    p_tenant uuid, p_from agents, d delegations, out p_outcome text, out p_who text, out p_at_most bigint)
language plpgsql stable
as $$
#variable_conflict error
begin
    select case
            when not exists (select from catalog_items i where i.tenant_id = p_tenant and i.kind = k.kind)
                then 'KIND_UNKNOWN'
            else 'NO_AUTHORITY'
        end,
        k.kind
    into p_outcome, p_who
    from unnest(d.kinds) k (kind)
    where not exists (
        select from maxima m
        where m.tenant_id = p_tenant and m.authority_id = p_from.authority_id and m.kind = k.kind and m.grants)
    order by k.kind
    limit 1;
    if found then
        return;
    end if;
    if not exists (
        select from maxima m
        where m.tenant_id = p_tenant and m.authority_id = p_from.authority_id and m.grants) then
        p_outcome := 'NO_AUTHORITY';
        return;
    end if;

    select max(least_of.max_minor) into p_at_most
    from (
        select m.kind, min(m.max_minor) max_minor
        from maxima m
        join limits l on l.tenant_id = p_tenant and l.limit_id = m.limit_id
        where m.tenant_id = p_tenant
            and m.authority_id = p_from.authority_id
            and m.grants
            and l.currency = d.lent_currency
            and (d.kinds is null or m.kind = any (d.kinds))
        group by m.kind) least_of;
    if d.lent_minor > p_at_most then
        p_outcome := 'TOO_MUCH';
    end if;
end $$;
