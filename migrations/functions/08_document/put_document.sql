-- put_document: everything in the document but its agents becomes what is in force. Parents first.
-- Promises: a document that breaks a rule is refused whole, and the rule is named.
-- Callers: apply, with the configuration held. Locks: the tenant's configuration rows. SQLSTATE: LG422.
create or replace function put_document(p_tenant uuid, p_version int, p_document jsonb) returns void
language plpgsql volatile
as $$
begin
    perform put_tenant(p_tenant, p_version, p_document);
    perform put_catalog(p_tenant, p_document);
    perform put_rates(p_tenant, p_document);
    perform check_limits(p_tenant, p_document);
    perform check_budgets(p_document);
    perform put_limits(p_tenant, p_document);
    perform put_budgets(p_tenant, p_document);
    perform put_levels(p_tenant, p_document);
    perform put_routing(p_tenant, p_document);
end $$;
