-- able_delegate: who may answer for an agent now: somebody active and not away, other than the requester, to whom this very
-- gesture is lent, and whose own account it is not for. p_needs_two: a human, because nothing else counts under dual
-- control. Null: nobody. One hop: where a delegate is away, nobody answers for the delegate.
-- Callers: candidates_of, falls_to. Locks: none. Cost: some 0.1 ms for the first delegation in force that lends it; more are
-- looked at only where that one does not.
create or replace function able_delegate(
    p_tenant uuid, p_at timestamptz, p_agent text, p_requester_person text, p_asked asked, p_needs_two boolean) returns text
language plpgsql stable
as $$
#variable_conflict error
declare
    d record;
begin
    for d in
        select x.delegate_id
        from delegations x
        cross join lateral (
            select y.* from agents y where y.tenant_id = p_tenant and y.agent_id = x.delegate_id limit 1) a
        where x.tenant_id = p_tenant
            and x.delegator_id = p_agent
            and x.starts_at <= p_at
            and p_at < x.ends_at
            and a.is_active
            and a.person_id <> p_requester_person
            and (a.type = 'HUMAN' or not p_needs_two)
        order by x.starts_at, x.delegation_id
    loop
        if not owns_account(p_tenant, array[d.delegate_id], p_asked.customer_id)
            and not is_away(p_tenant, d.delegate_id, p_at)
            and lent(p_tenant, p_at, p_agent, d.delegate_id, p_asked.kind, p_asked.amount, p_asked.currency) is null
        then
            return d.delegate_id;
        end if;
    end loop;
    return null;
end $$;
