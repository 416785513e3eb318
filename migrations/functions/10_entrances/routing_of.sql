-- routing_of: the rule by which such a gesture's question is asked, with the calendar that its clock goes by, and the
-- instant.
-- Callers: largesse_app. Locks: none. Cost: three look-ups. SQLSTATE: LG404 no such tenant.
create or replace function routing_of(p_tenant uuid, p_kind text, p_segment text, p_occasion text)
returns table (
    answer_within_s int, expire_after_s int, on_silence text, clock text, review_within_s int, duty_pool_id text,
    working_hours jsonb, holidays date[], time_zone text, at timestamptz)
language plpgsql stable security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_tenant tenants := tenant_in_force(p_tenant);
begin
    return query
        select
            r.answer_within_s, r.expire_after_s, r.on_silence, r.clock, r.review_within_s, r.duty_pool_id,
            w.working_hours, coalesce(w.holidays, '{}'), v_tenant.time_zone, largesse.now()
        from routing_in_force(p_tenant, p_kind, p_segment, p_occasion) r
        left join lateral (select x.* from routings x where x.tenant_id = p_tenant limit 1) w on true;
end $$;
