-- owns_account: whether a customer is an account of one of these people, through any of their agents.
-- Callers: candidates_of, decide. Locks: none. Cost: a look-up per account.
create or replace function owns_account(p_tenant uuid, p_person_ids text[], p_customer text) returns boolean
language plpgsql stable
as $$
#variable_conflict error
begin
    return exists (
        select from agents a
        where a.tenant_id = p_tenant and a.person_id = any (p_person_ids) and p_customer = any (a.own_customer_ids));
end $$;
