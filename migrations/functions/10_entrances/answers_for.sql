-- answers_for: in whose authority an agent may answer now, themselves first: whose inboxes are theirs to read.
-- Callers: largesse_app. Locks: none. Cost: two look-ups. SQLSTATE: LG400 malformed, LG404 no such tenant.
create or replace function answers_for(p_tenant uuid, p_agent text)
returns table (authority text, how text, kinds text[], lent_minor bigint, lent_currency text, until timestamptz)
language plpgsql stable security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
begin
    if is_id(p_agent) is not true then
        raise 'whose?' using errcode = 'LG400';
    end if;
    perform tenant_in_force(p_tenant);
    return query select h.* from authorities_of(p_tenant, p_agent, largesse.now()) h;
end $$;
