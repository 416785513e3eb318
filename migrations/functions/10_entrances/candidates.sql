-- candidates: who could say yes to these terms, by the facts of this instant: see candidates_of. What routing proposes from
-- is this; what an answer is held against is decide.
-- Callers: largesse_app. Locks: none. Cost: a preview per candidate. SQLSTATE: LG400 malformed, LG404 no such tenant.
create or replace function candidates(
    p_tenant uuid, p_agent text, p_kind text, p_amount bigint, p_currency text, p_customer text, p_segment text,
    p_case text, p_occasion text, p_budget text, p_waived text)
returns table (
    place int, agent_id text, how text, type text, person_id text, is_active boolean, is_requester boolean,
    is_able boolean, fits_now boolean, is_reachable boolean, delegate_id text, needs_two boolean, typical_wait_s int)
language plpgsql stable security definer
set search_path = largesse, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict error
declare
    v_asked asked := row (
        '00000000-0000-0000-0000-000000000000', p_agent, p_kind, p_amount, p_currency, p_customer, p_segment, p_case,
        p_occasion, p_budget, coalesce(p_waived, ''), null, null, sha256(''), sha256(''), null, null, null, false,
        null)::asked;
begin
    perform check_form(array[v_asked]);
    perform tenant_in_force(p_tenant);
    return query
        select
            c.place, c.agent_id, c.how, c.type, c.person_id, c.is_active, c.is_requester, c.is_able, c.fits_now,
            c.is_reachable, c.delegate_id, c.needs_two, c.typical_wait_s
        from candidates_of(p_tenant, largesse.now(), v_asked, '{}') c
        order by c.place;
end $$;
