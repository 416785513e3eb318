-- put_budgets: the tree of budgets becomes exactly what the document says, and with it each budget's path to its root.
-- Callers: put_document, after put_limits. Locks: the tenant's budgets and paths. SQLSTATE: LG422.
create or replace function put_budgets(p_tenant uuid, p_document jsonb) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    delete from budget_paths p where p.tenant_id = p_tenant;
    delete from budgets b where b.tenant_id = p_tenant;

    insert into budgets (tenant_id, budget_id, parent_id, currency, span, amount_minor, limit_id)
    select p_tenant, d.budget_id, d.parent_id, d.currency, d.span, d.amount_minor, l.limit_id
    from document_budgets(p_document) d
    join limits l on l.tenant_id = p_tenant
        and l.name = d.budget_id
        and l.subject = 'BUDGET'
        and l.span = d.span
        and l.currency = d.currency;

    insert into budget_paths (tenant_id, budget_id, limit_id, span, currency, hard_minor)
    with recursive path as (
        select b.budget_id, b.limit_id, b.parent_id, b.span, b.currency, b.amount_minor
        from budgets b
        where b.tenant_id = p_tenant
        union all
        select p.budget_id, b.limit_id, b.parent_id, b.span, b.currency, b.amount_minor
        from path p
        join budgets b on b.tenant_id = p_tenant and b.budget_id = p.parent_id)
    select p_tenant, p.budget_id, p.limit_id, p.span, p.currency, p.amount_minor from path p;
end $$;
