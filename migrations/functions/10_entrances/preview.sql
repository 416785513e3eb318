-- preview: what admit would answer to one request now. The same matching and the same sweep, on counters that are
-- not locked.
-- p_recipient: as for admit.
-- Promises: writes nothing, locks nothing, takes no id. INVALID, with the reasons, where admit would say so.
-- Callers: largesse_app. Locks: none. Cost: as a batch of one, without the writing.
-- SQLSTATE: LG400 malformed, LG404 no such tenant.
create or replace function preview(
    p_tenant uuid,
    p_agent text,
    p_kind text,
    p_amount bigint,
    p_currency text,
    p_customer text,
    p_segment text,
    p_case text,
    p_occasion text,
    p_budget text,
    p_waived text,
    p_promise_by timestamptz,
    p_replaces uuid,
    p_is_glass boolean,
    p_recipient text)
returns table (outcome text, reasons jsonb, configuration_version int)
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
    v_asked asked[] := array[row (
        '00000000-0000-0000-0000-000000000000', p_agent, p_kind, p_amount, p_currency, p_customer, p_segment, p_case,
        p_occasion, p_budget, coalesce(p_waived, ''), p_promise_by, p_replaces, sha256(''), sha256(''), null, null,
        null, p_is_glass, p_recipient)::asked];
    m matched[];
begin
    perform check_form(v_asked);
    m := match(p_tenant, largesse.now(), false, v_asked);
    return query
        select
            case when x.faults is not null then 'INVALID' else outcome_of(s.p_out[1]) end,
            case when x.faults is not null then explain_faults(p_tenant, x) else coalesce(s.p_why[1], '[]') end,
            x.version
        from unnest(m) x
        cross join lateral sweep(p_tenant, m) s;
end $$;
