-- lease: up to so many tasks of a channel for one fulfiller, for so many seconds; whoever waits longest comes first.
-- While a lease lasts nobody else gets the task. After it, the next who asks does, under a higher token, and whoever had
-- it before is refused. What a token says is: of all who were given this task, you are the last.
-- What is dispatched and was not heard of for a lead time is among them, with its order.
-- Promises: one lease at a time per task, whatever dies; the lease is durable before it is answered.
-- Callers: largesse_app. Locks: the tasks taken, skipping those that are locked; waits for nobody. Cost: a range of one
-- index, whatever the backlog. SQLSTATE: LG400 malformed, LG404 no such tenant.
create or replace function lease(p_tenant uuid, p_channel text, p_holder text, p_count int, p_for_s int)
returns table (gesture_id uuid, token int, leased_until timestamptz, tries int, order_ref text)
language plpgsql volatile security definer
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
    v_at timestamptz := largesse.now();
    v_until timestamptz := v_at + make_interval(secs => p_for_s);
begin
    if (is_id(p_channel) and is_id(p_holder) and p_count between 1 and 1000 and p_for_s between 1 and 86400) is not true then
        raise 'which channel, for whom, at most 1000 tasks, for at most a day' using errcode = 'LG400';
    end if;
    perform tenant_in_force(p_tenant);
    return query
        with taken as materialized (
            select t.gesture_id
            from tasks t
            where t.tenant_id = p_tenant and t.channel = p_channel and t.ready_at <= v_at
            order by t.ready_at
            limit p_count
            for update skip locked)
        update tasks t
        set ready_at = v_until,
            lease_no = t.lease_no + 1,
            leased_by = p_holder,
            leased_until = v_until
        from taken k
        where t.tenant_id = p_tenant and t.gesture_id = k.gesture_id
        returning t.gesture_id, t.lease_no, t.leased_until, t.tries, t.order_ref;
end $$;
