-- resolve: what became of a request whose answer was lost. DONE: it was answered; read the gesture, or ask admit
-- again.
-- NEVER_HAPPENED, and that is made true: a tombstone takes the id, so that a late original is refused. OTHERS: the
-- id belongs to another agent's request, or to another agent's tombstone.
-- Promises: waits for an original that is being written just now. Asked again, answers the same.
-- Callers: largesse_app. Locks, in this order: the gesture's key -> the row in heads. Cost: as a batch of one.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 run it again.
create or replace function resolve(p_tenant uuid, p_id uuid, p_actor text, p_credential text, p_via text)
returns table (outcome text)
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz := largesse.now();
    v_batch uuid := new_batch_id(v_at);
    v_new int;
    v_happened happened;
begin
    perform check_caller(p_actor, p_credential, p_via);
    if p_id is null then
        raise 'which request?' using errcode = 'LG400';
    end if;
    perform refuse_old_snapshots();
    perform tenant_in_force(p_tenant);

    with fresh as (
        insert into gestures (tenant_id, gesture_id, state, seq, created_at, updated_at, requested_by)
        values (p_tenant, p_id, 'TOMBSTONE', 1, v_at, v_at, p_actor)
        on conflict (tenant_id, gesture_id) do nothing
        returning 1)
    select count(*) into v_new from fresh;

    if v_new = 1 then
        v_happened.gesture_id := p_id;
        v_happened.seq := 1;
        v_happened.type := 'TOMBSTONE';
        v_happened.state := 'TOMBSTONE';
        v_happened.actor := p_actor;
        v_happened.credential := p_credential;
        v_happened.via := p_via;
        perform close_batch(p_tenant, v_batch, v_at, append(p_tenant, v_batch, v_at, array[v_happened]));
    else
        perform wait_for_standbys();
    end if;

    return query
        select case
            when g.requested_by <> p_actor then 'OTHERS'
            when g.state = 'TOMBSTONE' then 'NEVER_HAPPENED'
            else 'DONE'
        end
        from gestures g
        where g.tenant_id = p_tenant and g.gesture_id = p_id;
end $$;
