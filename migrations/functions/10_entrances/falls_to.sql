-- falls_to: whether a question that an authority was asked is an agent's to answer at this instant: what an inbox shows.
-- One's own questions are with the delegate while somebody may answer them who is there; they come back by themselves.
-- What is lent falls to the delegate as far as it is lent; what the pool was asked, to each of its members. Nothing falls to
-- the requester. Who was asked may answer all the same, wherever it is shown.
-- Callers: largesse_app, for questions that are open. Locks: none. Cost: some five look-ups.
-- SQLSTATE: LG400 malformed, LG404 no such tenant.
create or replace function falls_to(p_tenant uuid, p_id uuid, p_authority text, p_agent text) returns boolean
language plpgsql stable security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz := largesse.now();
    g gestures;
    v_requester_person text;
begin
    if p_id is null or is_id(p_authority) is not true or is_id(p_agent) is not true then
        raise 'which question, and whose?' using errcode = 'LG400';
    end if;
    perform tenant_in_force(p_tenant);
    select x.* into g from gestures x where x.tenant_id = p_tenant and x.gesture_id = p_id;
    select a.person_id into v_requester_person
    from agents a
    where a.tenant_id = p_tenant and a.agent_id = g.requested_by;
    if exists (
        select from agents a
        where a.tenant_id = p_tenant
            and a.agent_id in (p_agent, p_authority)
            and a.person_id = v_requester_person) then
        return false;
    end if;
    return exists (
        select from authorities_of(p_tenant, p_agent, v_at) h
        where h.authority = p_authority
            and case h.how
                when 'OWN' then able_delegate(p_tenant, v_at, p_agent, v_requester_person, terms_of(g), false) is null
                when 'DELEGATE' then
                    lent(p_tenant, v_at, p_authority, p_agent, g.kind, g.amount_minor, g.currency) is null
                else true
            end);
end $$;
