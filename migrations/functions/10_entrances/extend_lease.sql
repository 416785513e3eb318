-- extend_lease: a lease goes on, for so many seconds from now. One that ran out while nobody else asked goes on too.
-- outcome: EXTENDED; UNKNOWN (no such task), NOT_LEASED (another lease is the last one, or it was given back), NOT_ALLOWED
-- (there is nothing left to do: the state says why).
-- Callers: largesse_app. Locks: the task. Cost: a look-up and an update. SQLSTATE: LG400 malformed, LG404 no such tenant.
create or replace function extend_lease(
    p_tenant uuid, p_id uuid, p_token int, p_holder text, p_for_s int,
    out outcome text, out leased_until timestamptz, out state text)
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    t tasks;
begin
    if (p_id is not null and p_token >= 1 and is_id(p_holder) and p_for_s between 1 and 86400) is not true then
        raise 'which lease, of whom, and for at most a day' using errcode = 'LG400';
    end if;
    perform tenant_in_force(p_tenant);
    select x.* into t from tasks x where x.tenant_id = p_tenant and x.gesture_id = p_id for update;
    if not found then
        outcome := 'UNKNOWN';
        return;
    end if;
    select g.state into state from gestures g where g.tenant_id = p_tenant and g.gesture_id = p_id;
    outcome := case
        when t.lease_no <> p_token or t.leased_by is distinct from p_holder then 'NOT_LEASED'
        when t.ready_at is null then 'NOT_ALLOWED'
        else 'EXTENDED'
    end;
    if outcome = 'EXTENDED' then
        leased_until := largesse.now() + make_interval(secs => p_for_s);
        update tasks x
        set ready_at = extend_lease.leased_until, leased_until = extend_lease.leased_until
        where x.tenant_id = p_tenant and x.gesture_id = p_id;
    end if;
end $$;
