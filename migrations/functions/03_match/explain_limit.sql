-- explain_limit: the reason that limit j gives for having no room for one request. It never decides. Passed above
-- the decider's maximum and above hard_max: the ceiling is hard_max, which nobody passes. largest_now is what the
-- decider could give without asking anybody.
-- Callers: sweep. Locks: none. Cost: one look-up and two jsonb, some 15 µs; paid only for a "no".
create or replace function explain_limit(
    p_time_zone text, p_tenant uuid, r matched, j int, p_used bigint, p_used_count int, p_is_hard boolean) returns jsonb
language plpgsql stable
as $$
#variable_conflict error
declare
    v_limit limits;
    v_largest bigint := 0;
begin
    select l.* into v_limit from limits l where l.tenant_id = p_tenant and l.limit_id = r.limits[j];
    if p_used_count < r.max_counts[j] then
        v_largest := largest_amount(
            r.maxima[j] - p_used, r.rates[j], case when v_limit.span = 'GESTURE' then 0 else r.tolerance_bp end);
    end if;
    return jsonb_build_object('code', 'LIMIT_EXCEEDED', 'asked', r.amounts[j], 'is_hard', p_is_hard)
        || state_of_limit(p_time_zone, v_limit, r.windows[j], p_used, p_used_count,
            case when p_is_hard then r.hards[j] else r.maxima[j] end,
            case when p_is_hard then r.hard_counts[j] else r.max_counts[j] end, v_largest);
end $$;
