-- owns_account: whether a customer is an account of one of these agents, or of another agent of the same person.
-- Callers: judge_yes, candidates_of, able_delegate. Locks: none. Cost: a look-up per account.
create or replace function owns_account(p_tenant uuid, p_agent_ids text[], p_customer text) returns boolean
language plpgsql stable
as $$
#variable_conflict error
begin
    return exists (
        select from agents a
        where a.tenant_id = p_tenant and a.agent_id = any (p_agent_ids) and p_customer = any (a.person_customer_ids));
end $$;
