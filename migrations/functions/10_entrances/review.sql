-- review: somebody who was asked to says whether a glass was broken rightly. It changes nothing that was given: what was
-- approved stays approved, whatever state the gesture is in by now.
-- outcome: REVIEWED; replayed: the same verdict was given before, by the same actor. And what judge_answer says.
-- Callers: largesse_app. Locks, in this order: configuration (shared) -> the gesture, and with it its question -> the
-- authority's row of waits -> the row in heads. Cost: as a batch of one.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 run it again.
create or replace function review(
    p_tenant uuid, p_id uuid, p_actor text, p_authority text, p_etag int, p_verdict text, p_sealed bytea, p_seq int,
    p_credential text, p_via text)
returns table (outcome text, authority text, state text, etag int, by_agent text, replayed boolean)
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz;
    g gestures;
    v_before events;
    v_judged record;
begin
    perform check_caller(p_actor, p_credential, p_via);
    if (p_id is not null and p_etag >= 1 and p_verdict in ('JUSTIFIED', 'NOT_JUSTIFIED')
        and octet_length(coalesce(p_sealed, '')) <= 262144) is not true
        or p_verdict = 'NOT_JUSTIFIED' and p_sealed is null then
        raise 'a review names the etag seen, is JUSTIFIED or NOT_JUSTIFIED, and says why where not' using errcode = 'LG400';
    end if;
    perform share_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    perform lock_gestures(p_tenant, array[p_id]);
    v_at := largesse.now();

    v_before := next_change(p_tenant, p_id, p_etag);
    if v_before.type = 'REVIEWED' and v_before.actor = p_actor and v_before.facts ->> 'verdict' = p_verdict then
        perform wait_for_standbys();
        return query
            select 'REVIEWED', v_before.authority, k.p_state, k.p_etag, k.p_by, true from mark_of(p_tenant, p_id) k;
        return;
    end if;
    select j.* into v_judged
    from judge_answer(p_tenant, v_at, p_id, p_actor, p_authority, p_etag, null, 'REVIEW', p_sealed, p_seq) j;
    select x.* into g from gestures x where x.tenant_id = p_tenant and x.gesture_id = p_id;
    if v_judged.p_refusal is null then
        perform close_question(p_tenant, v_at, p_id, 'REVIEW', g.seq + 1);
        perform record_wait(p_tenant, v_judged.p_in, v_judged.p_asked_at, v_at);
        perform happen(
            p_tenant, v_at, p_id, 'REVIEWED', g.state, p_actor, v_judged.p_in, p_credential, p_via, p_sealed, null,
            jsonb_build_object('verdict', p_verdict), true);
    end if;
    return query
        select
            coalesce(v_judged.p_refusal, 'REVIEWED'), v_judged.p_in, k.p_state,
            case when v_judged.p_refusal = 'MOVED' then g.seq + 1 else k.p_etag end, k.p_by, false
        from (select 1) one
        left join lateral mark_of(p_tenant, p_id) k
            on v_judged.p_refusal is null or v_judged.p_refusal in ('STALE', 'NOT_ALLOWED', 'MOVED');
end $$;
