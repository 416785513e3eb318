-- traced_each: as traced, for an entrance that takes many: the trace of each gesture.
-- p_id, p_trace: of one length; W3C traceparents, or null.
-- Callers: largesse_app, in the argument of another entrance. Locks: none. Cost: 0.5 µs each.
-- SQLSTATE: LG400 malformed.
create or replace function traced_each(p_tenant uuid, p_id uuid[], p_trace text[]) returns uuid
language plpgsql volatile security definer
set search_path = largesse, pg_temp
as $$
begin
    if (cardinality(p_id) = cardinality(p_trace) and array_position(p_id, null) is null) is not true
        or array_ndims(p_id) > 1 or array_ndims(p_trace) > 1 then
        raise 'a trace, or null, for each gesture' using errcode = 'LG400';
    end if;
    perform set_config('largesse.traces', jsonb_object(p_id::text[], p_trace)::text, true);
    return p_tenant;
end $$;
