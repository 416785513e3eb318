-- archive_events: one small step of moving old events aside. Looks at the next batches after those that are archived, as
-- far as all of them are older than p_before, and moves the tenant's own events and those of every gesture that is over and
-- whose last event is among them. A gesture that is not over stays, and goes when it has ended and that has grown old.
-- Nobody follows these batches any more from then on. is_done: there is nothing more to do at present.
-- Promises: nothing of the last 30 days moves; what was sealed verifies as before, and by gesture everything is found.
-- Callers: largesse_app. Locks, in this order: the tenant's row of archives -> gestures by id -> their events. No batch
-- waits for it long: it appends nothing. Cost: some look-ups per event of these batches.
-- SQLSTATE: LG400 malformed, or too young; LG404 no such tenant.
create or replace function archive_events(p_tenant uuid, p_before timestamptz, p_batches int)
returns table (batch_no bigint, moved bigint, is_done boolean)
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_from bigint;
    v_to bigint;
    v_ids uuid[];
    v_id uuid;
    v_count bigint;
begin
    if (p_before <= largesse.now() - interval '30 days' and p_batches between 1 and 1000) is not true then
        raise 'at most 1000 batches at a time, all of them older than 30 days' using errcode = 'LG400';
    end if;
    perform tenant_in_force(p_tenant);
    insert into archives (tenant_id, batch_no) values (p_tenant, 0) on conflict do nothing;
    select a.batch_no into v_from from archives a where a.tenant_id = p_tenant for update;
    select coalesce(min(b.batch_no) filter (where b.at >= p_before) - 1, max(b.batch_no), v_from) into v_to
    from batches b
    where b.tenant_id = p_tenant and b.batch_no between v_from + 1 and v_from + p_batches;

    -- gestures whose last event is among these; once they are locked it stays so
    v_ids := array(
        select e.gesture_id
        from batches b
        cross join lateral (
            select x.gesture_id, x.seq from events x where x.tenant_id = p_tenant and x.batch_id = b.batch_id) e
        where b.tenant_id = p_tenant and b.batch_no between v_from + 1 and v_to and exists (
            select from gestures g where g.tenant_id = p_tenant and g.gesture_id = e.gesture_id and g.seq = e.seq));
    perform lock_gestures(p_tenant, v_ids);

    moved := 0;
    foreach v_id in array v_ids loop
        continue when not exists (
                select from gestures g
                join events e on e.tenant_id = p_tenant and e.gesture_id = v_id and e.seq = g.seq
                join batches b on b.tenant_id = p_tenant and b.batch_id = e.batch_id and b.batch_no <= v_to
                where g.tenant_id = p_tenant and g.gesture_id = v_id
                    and g.state <> all ('{PENDING_APPROVAL,RETURNED,APPROVED,DISPATCHED}'))
            or exists (
                select from approvals a
                where a.tenant_id = p_tenant and a.gesture_id = v_id and a.closed_at is null);
        with gone as (
            delete from events e where e.tenant_id = p_tenant and e.gesture_id = v_id returning e.*),
        kept as (
            insert into archived_events select g.* from gone g returning 1)
        select count(*) into v_count from kept k;
        moved := moved + v_count;
    end loop;

    with gone as (
        delete from events e
        using batches b
        where b.tenant_id = p_tenant and b.batch_no between v_from + 1 and v_to
            and e.tenant_id = p_tenant and e.batch_id = b.batch_id and e.gesture_id is null
        returning e.*),
    kept as (
        insert into archived_events select g.* from gone g returning 1)
    select moved + count(*) into moved from kept k;

    update archives a set batch_no = v_to where a.tenant_id = p_tenant;
    batch_no := v_to;
    is_done := v_to < v_from + p_batches;
    return next;
end $$;
