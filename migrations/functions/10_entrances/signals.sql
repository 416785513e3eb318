-- signals: how long the queues of all tenants are and how old their oldest, for gauges. It names no tenant, and tells
-- counts, ages and channels; nothing of anybody. Empty: another replica looks just now.
-- kind: approvals, timers (label: the purpose), tasks (label: the channel), consumers, promises, gestures (label: the
-- state). Gestures that are open are found by what they wait for, people or a channel: no index has their state, since every
-- change of it would have to write there too. Counted are 5000 of either at most.
-- Callers: largesse_app, every 15 s per replica. Locks: an advisory one, taken or not, until the end of the statement.
-- Cost: ranges of indexes per tenant, each as long as what is told of it, and a look-up for each open gesture.
create or replace function signals() returns table (kind text, label text, count bigint, oldest_s double precision)
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set jit = off
as $$
#variable_conflict error
declare
    v_most constant int := 5000;
    v_at timestamptz := largesse.now();
begin
    if not pg_try_advisory_xact_lock(hashtext('largesse.signals')) then
        return;
    end if;
    return query
        select 'approvals', '', count(*), extract(epoch from v_at - min(a.opened_at))::float8
        from (select distinct s.tenant_id, s.gesture_id from asks s where s.closed_at is null) x
        cross join lateral (
            select o.opened_at
            from approvals o
            where o.tenant_id = x.tenant_id and o.gesture_id = x.gesture_id and o.closed_at is null
            limit 1) a
        union all
        select 'timers', lower(t.purpose), count(*), extract(epoch from v_at - min(t.due_at))::float8
        from timers t
        where t.due_at <= v_at and coalesce(t.claimed_until <= v_at, true)
        group by t.purpose
        union all
        select 'tasks', t.channel, count(*), extract(epoch from v_at - min(t.ready_at))::float8
        from tasks t
        where t.ready_at <= v_at
        group by t.channel
        union all
        select 'consumers', '', coalesce(max(h.batch_no - c.batch_no), 0), null::float8
        from consumers c
        join heads h on h.tenant_id = c.tenant_id
        union all
        select 'promises', '', count(*), null::float8
        from gestures g
        where g.promise = 'AT_RISK'
        union all
        select 'gestures', lower(g.state), count(*), extract(epoch from v_at - min(g.updated_at))::float8
        from (
            (select t.tenant_id, t.gesture_id from timers t where t.purpose = 'APPROVAL' limit v_most)
            union
            (
                select k.tenant_id, k.gesture_id
                from tasks k
                where k.ready_at is not null
                order by k.tenant_id, k.channel, k.ready_at
                limit v_most)) x
        cross join lateral (
            select o.state, o.updated_at
            from gestures o
            where o.tenant_id = x.tenant_id and o.gesture_id = x.gesture_id
            limit 1) g
        -- what is over may still wait for a review
        where g.state in ('PENDING_APPROVAL', 'RETURNED', 'APPROVED', 'DISPATCHED')
        group by g.state;
end $$;
