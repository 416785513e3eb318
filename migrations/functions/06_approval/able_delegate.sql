-- able_delegate: who may answer for an agent now: somebody active and not away, other than the requester, to whom this very
-- gesture is lent, and whose own account it is not for. p_needs_two: a human, because nothing else counts under dual
-- control. Null: nobody. One hop: where a delegate is away, nobody answers for the delegate.
-- Callers: candidates_of. Locks: none. Cost: a look-up per delegation in force.
create or replace function able_delegate(
    p_tenant uuid, p_at timestamptz, p_agent text, p_requester_person text, p_asked asked, p_needs_two boolean) returns text
language plpgsql stable
as $$
#variable_conflict error
begin
    return (
        select d.delegate_id
        from delegations d
        join agents a on a.tenant_id = p_tenant and a.agent_id = d.delegate_id
        where d.tenant_id = p_tenant
            and d.delegator_id = p_agent
            and d.starts_at <= p_at
            and p_at < d.ends_at
            and a.is_active
            and a.person_id <> p_requester_person
            and not owns_account(p_tenant, array[a.agent_id], p_asked.customer_id)
            and (a.type = 'HUMAN' or not p_needs_two)
            and not is_away(p_tenant, d.delegate_id, p_at)
            and lent(p_tenant, p_at, p_agent, d.delegate_id, p_asked.kind, p_asked.amount, p_asked.currency) is null
        order by d.starts_at, d.delegation_id
        limit 1);
end $$;
