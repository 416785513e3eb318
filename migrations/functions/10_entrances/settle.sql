-- settle: gestures are CANCELLED, by those who gave them: what is approved, waits for approval, or was returned; what is
-- dispatched, where the catalog says what that costs. Nobody is asked any more then, nobody is to do it, and nothing is
-- promised; the review of a broken glass goes on.
-- Promises: a hold ends once, and returns to the window from which it came, however long ago. Nothing grows, so
-- there is nothing to guard, and a limit that was lowered meanwhile blocks no release. An element that may not is
-- left alone.
-- Only the requester may, and whoever stands above in the requester's reporting line; a suspended one may not.
-- Answers only the exceptions, with the state and the etag as they are now, and who brought it there: UNKNOWN, REPLAY (this
-- actor's same call is the next change after the etag), FORBIDDEN, STALE, NOT_ALLOWED.
-- Callers: largesse_app; 1 to 512 elements of one tenant, ids different from each other.
-- Locks, in this order: configuration (shared) -> gestures by id -> counters by key -> the row in heads.
-- Cost: as much as admitting them. SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 run it again; LG500 a defect.
create or replace function settle(
    p_tenant uuid, p_id uuid[], p_actor text[], p_etag int[], p_state text[], p_credential text[], p_via text[])
returns table (ord int, outcome text, state text, etag int, by_agent text)
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
    v_at timestamptz;
    v_batch uuid;
    v_verdict text[];                   -- by element: null: it is done now; else the exception
    v_done uuid[];
    v_fee bigint[];                     -- what cancelling each of those costs; null: it held nothing
    v_hashes bytea;
    v_count int;
begin
    perform check_settlements(p_id, p_actor, p_etag, p_state, p_credential, p_via);
    perform share_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    perform lock_gestures(p_tenant, p_id);
    v_at := largesse.now();
    v_batch := new_batch_id(v_at);

    v_verdict := array(
        select judge_settlement(p_tenant, a.id, a.actor, a.etag, a.state)
        from unnest(p_id, p_actor, p_etag, p_state) with ordinality a (id, actor, etag, state, ord)
        order by a.ord);

    v_done := array(select a.id from unnest(p_id, v_verdict) a (id, verdict) where a.verdict is null);
    if v_done <> '{}' then
        v_fee := array(
            select cancel_fee(p_tenant, g)
            from unnest(v_done) with ordinality d (id, ord)
            cross join lateral (
                select x.* from gestures x where x.tenant_id = p_tenant and x.gesture_id = d.id limit 1) g
            order by d.ord);
        -- By their place: these rows are locked, so they stay where their keys have found them.
        update gestures g
        set state = 'CANCELLED',
            seq = g.seq + 1,
            etag = g.seq + 1,
            updated_at = v_at,
            promise = null,
            settled_at = case when g.charged_limits is not null then v_at end,
            captured_minor = d.fee,
            actual_minor = d.fee
        from unnest(v_done, v_fee) d (id, fee)
        cross join lateral (
            select x.ctid from gestures x where x.tenant_id = p_tenant and x.gesture_id = d.id limit 1) f (place)
        where g.ctid = f.place;
        get diagnostics v_count = row_count;
        if v_count <> cardinality(v_done) then
            raise 'a gesture that is locked is gone' using errcode = 'LG500';
        end if;

        v_hashes := append(p_tenant, v_batch, v_at, array(
            select row (
                a.id, g.seq, g.state, g.state, a.actor, null, a.credential, a.via, g.configuration_version,
                g.amount_minor, g.terms_digest, null,
                jsonb_build_object('captured', coalesce(g.captured_minor, 0)))::happened
            from unnest(p_id, p_actor, p_credential, p_via, v_verdict) with ordinality
                a (id, actor, credential, via, verdict, ord)
            cross join lateral (
                select x.* from gestures x where x.tenant_id = p_tenant and x.gesture_id = a.id limit 1) g
            where a.verdict is null
            order by a.ord));
        perform close_question(p_tenant, v_at, g.gesture_id, 'DECISION', g.seq)
        from (select x.id from unnest(v_done) x (id) order by x.id) d
        cross join lateral (
            select x.gesture_id from approvals x
            where x.tenant_id = p_tenant and x.gesture_id = d.id and x.closed_at is null limit 1) a
        cross join lateral (
            select x.* from gestures x where x.tenant_id = p_tenant and x.gesture_id = d.id limit 1) g;
        perform stop_timers(p_tenant, v_done);
        perform withdraw_tasks(p_tenant, v_done);
        perform end_holds(p_tenant, v_done, array_fill(null::bigint, array[cardinality(v_done)]));
        perform close_batch(p_tenant, v_batch, v_at, v_hashes);
    end if;
    if 'REPLAY' = any (v_verdict) then
        perform wait_for_standbys();
    end if;

    return query
        select a.ord::int, a.verdict, k.p_state, k.p_etag, k.p_by
        from unnest(p_id, v_verdict) with ordinality a (id, verdict, ord)
        left join lateral mark_of(p_tenant, a.id) k on a.verdict <> 'UNKNOWN'
        where a.verdict is not null
        order by a.ord;
end $$;
