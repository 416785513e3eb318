-- traced: remembers until the end of the statement in which trace its events come about, and returns the tenant: it stands
-- where an entrance takes the tenant, because arguments are made before a function is called. So what is measured of a call
-- goes beside its events without being a parameter of every function on the way.
-- p_trace: a W3C traceparent; null: none.
-- Callers: largesse_app, in the argument of another entrance. Locks: none. Cost: some µs.
create or replace function traced(p_tenant uuid, p_trace text) returns uuid
language plpgsql volatile security definer
set search_path = largesse, pg_temp
as $$
begin
    perform set_config('largesse.traces', jsonb_build_object('', p_trace)::text, true);
    return p_tenant;
end $$;
