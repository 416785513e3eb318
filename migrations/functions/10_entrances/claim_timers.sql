-- claim_timers: some timers that are due, soonest first, for one replica to see to within so many seconds; after them
-- somebody else may. A claim saves work and decides nothing: every step is taken against the step that was seen.
-- Callers: largesse_app. Locks: the timers claimed, skipping those that are locked, for this statement only.
-- Cost: a range of one index. SQLSTATE: LG400 malformed, LG404 no such tenant.
create or replace function claim_timers(p_tenant uuid, p_count int, p_for_s int)
returns table (gesture_id uuid, purpose text)
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz := largesse.now();
begin
    if (p_count between 1 and 1000 and p_for_s between 1 and 3600) is not true then
        raise 'at most 1000 timers, for at most an hour' using errcode = 'LG400';
    end if;
    perform tenant_in_force(p_tenant);
    return query
        with claimed as materialized (
            select t.gesture_id, t.purpose
            from timers t
            where t.tenant_id = p_tenant and t.due_at <= v_at and coalesce(t.claimed_until <= v_at, true)
            order by t.due_at
            limit p_count
            for update skip locked)
        update timers t
        set claimed_until = v_at + make_interval(secs => p_for_s)
        from claimed c
        where t.tenant_id = p_tenant and t.gesture_id = c.gesture_id and t.purpose = c.purpose
        returning t.gesture_id, t.purpose;
end $$;
