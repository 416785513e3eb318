-- report: what fulfillers say of their tasks: DISPATCHED, DELIVERED (and again, with a lower cost, when the vendor gives
-- a credit), FAILED for good, or TRY_FAILED, to be tried again later.
-- Promises: only the last lease of a task reports on it; the same report is answered by what it did the first time; a
-- hold ends once; what is captured is within the hold, and the rest is in question. A fact is never refused for its
-- price.
-- Answers every element: DONE or REPLAY, with the state and the promise as they are now and what the report did; or what
-- judge_report says, with the state where that is the reason. Of what was handed on just now also hand_off: to be measured,
-- and no part of the event.
-- Callers: largesse_app; 1 to 512 elements of one tenant, ids different from each other.
-- Locks, in this order: configuration (shared) -> gestures by id, and with each its task, timers and follow-ups ->
-- counters by key -> the row in heads. Cost: some 270 µs per element. SQLSTATE: LG400 malformed, LG404 no such tenant,
-- 40001 run it again.
create or replace function report(
    p_tenant uuid, p_id uuid[], p_type text[], p_actor text[], p_token int[], p_cost bigint[], p_currency text[],
    p_at timestamptz[], p_reference text[], p_failure text[], p_credential text[], p_via text[])
returns table (ord int, outcome text, state text, by_agent text, promise text, facts jsonb)
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
    v_said reported[];
    v_verdict text[];                   -- by element: null: it is followed now
    v_ended uuid[];                     -- whose hold ends, or is corrected
    v_before bigint[];                  -- what they had captured before; null: their hold was open
    v_told happened[] := '{}'::happened[];
    v_hashes bytea;
begin
    if cardinality(p_id) = all (array[
        cardinality(p_type), cardinality(p_actor), cardinality(p_token), cardinality(p_cost), cardinality(p_currency),
        cardinality(p_at), cardinality(p_reference), cardinality(p_failure), cardinality(p_credential),
        cardinality(p_via)]) is not true then
        raise 'the arrays of a batch are of one length' using errcode = 'LG400';
    end if;
    v_said := array(
        select row (
            a.id, a.type, a.actor, a.token, a.cost, a.currency, a.at, a.reference, a.failure, a.credential,
            a.via)::reported
        from unnest(
            p_id, p_type, p_actor, p_token, p_cost, p_currency, p_at, p_reference, p_failure, p_credential, p_via)
            with ordinality a (id, type, actor, token, cost, currency, at, reference, failure, credential, via, ord)
        order by a.ord);
    perform check_reports(v_said);
    perform share_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    perform lock_gestures(p_tenant, p_id);
    v_at := largesse.now();
    v_batch := new_batch_id(v_at);

    v_verdict := array(
        select judge_report(p_tenant, v_at, v_said[a.ord]) from generate_subscripts(p_id, 1) a (ord) order by a.ord);
    if array_position(v_verdict, null) is not null then
        for v_ord in 1 .. cardinality(p_id) loop
            if v_verdict[v_ord] is null then
                v_before[v_ord] := (
                    select g.captured_minor from gestures g where g.tenant_id = p_tenant and g.gesture_id = p_id[v_ord]);
                v_told := v_told || follow_report(p_tenant, v_at, v_said[v_ord]);
            end if;
        end loop;
        select array_agg(x.gesture_id), array_agg(v_before[array_position(p_id, x.gesture_id)])
        into v_ended, v_before
        from unnest(v_told) x
        where x.type in ('DELIVERED', 'COST_CORRECTED', 'FAILED');
        v_hashes := append(p_tenant, v_batch, v_at, v_told);
        perform end_holds(p_tenant, v_ended, v_before);
        perform close_batch(p_tenant, v_batch, v_at, v_hashes);
    end if;
    if 'REPLAY' = any (v_verdict) then
        perform wait_for_standbys();
    end if;

    return query
        select
            a.ord, coalesce(v_verdict[a.ord], 'DONE'), k.p_state, k.p_by, g.promise,
            case
                when v_verdict[a.ord] is null then (
                    select x.facts || jsonb_build_object('hand_off', hand_off_of(p_tenant, v_at, x))
                    from (
                        select u.* from unnest(v_told) u where u.gesture_id = p_id[a.ord] order by u.seq limit 1) x)
                when v_verdict[a.ord] = 'REPLAY' then (same_report(p_tenant, v_said[a.ord])).facts::jsonb
            end
        from generate_subscripts(p_id, 1) a (ord)
        left join lateral mark_of(p_tenant, p_id[a.ord]) k
            on v_verdict[a.ord] is null or v_verdict[a.ord] in ('REPLAY', 'NOT_ALLOWED', 'ACCEPTED')
        left join lateral (
            select x.promise from gestures x
            where k.p_state is not null and x.tenant_id = p_tenant and x.gesture_id = p_id[a.ord] limit 1) g on true
        order by a.ord;
end $$;
