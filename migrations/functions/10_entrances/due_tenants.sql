-- due_tenants: the tenants in which some timer is due and nobody is at it. The one look at time that names no tenant; it
-- tells ids and nothing else.
-- Callers: largesse_app, about once a second per replica. Locks: none. Cost: a look-up per tenant.
create or replace function due_tenants() returns setof uuid
language plpgsql stable security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz := largesse.now();
begin
    return query
        select n.tenant_id
        from tenant_names n
        where exists (
            select from timers t
            where t.tenant_id = n.tenant_id and t.due_at <= v_at and coalesce(t.claimed_until <= v_at, true));
end $$;
