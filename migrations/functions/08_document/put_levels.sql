-- put_levels: an authority for each level of the document. Their maxima are compiled later.
-- Callers: put_document. Locks: the tenant's authorities and maxima. SQLSTATE: LG422.
create or replace function put_levels(p_tenant uuid, p_document jsonb) returns void
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_tenant tenants := tenant_in_force(p_tenant);
    v_budgets text[] := array(select b.budget_id from budgets b where b.tenant_id = p_tenant);
begin
    delete from maxima m where m.tenant_id = p_tenant;
    delete from authorities u where u.tenant_id = p_tenant;

    insert into authorities (tenant_id, authority_id, level, policies, budgets)
    select p_tenant, d.ord, d.name, coalesce(d.may_waive, '{}'), coalesce(d.budgets, '{}')
    from rows from (jsonb_to_recordset(p_document -> 'levels') as (name text, may_waive text[], budgets text[]))
        with ordinality d (name, may_waive, budgets, ord);

    perform refuse_document('levels: ' || first_repeated(array(
        select u.level from authorities u where u.tenant_id = p_tenant)) || ' is there twice');
    perform refuse_document((
        select format('level %s: no policy is called %s', u.level, first_unknown(u.policies, v_tenant.policies))
        from authorities u
        where u.tenant_id = p_tenant and not u.policies <@ v_tenant.policies
        order by 1
        limit 1));
    perform refuse_document((
        select format('level %s: no budget is called %s', u.level, first_unknown(u.budgets, v_budgets))
        from authorities u
        where u.tenant_id = p_tenant and not u.budgets <@ v_budgets
        order by 1
        limit 1));
end $$;
