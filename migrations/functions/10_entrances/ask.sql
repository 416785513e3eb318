-- ask: the next step of a question: these agents are asked too, until p_answer_by; p_due_at is when something happens next
-- (null: nothing does, which only a review may say). Nobody asked before is replaced, and who is asked already is not asked
-- again. With no agents, only the time goes on.
-- Promises: each step happens once, whoever comes: it is taken against the step that was seen, and a later one only when it
-- is due. Only who stands above the requester, and the duty pool, can be asked by routing; never the requester's person.
-- A question lasts at least as long as its rule says (p_expires_at, of the first step). Asking confers no authority:
-- decide looks at everything again.
-- Returns ASKED, or STALE: somebody else was here, nothing is open, or it is not due.
-- Callers: largesse_app. Locks, in this order: configuration (shared) -> the gesture, and with it its question -> the row
-- in heads. Cost: as a batch of one.
-- SQLSTATE: LG400 malformed, or somebody who cannot be asked; LG404 no such tenant, 40001 run it again.
create or replace function ask(
    p_tenant uuid, p_id uuid, p_step int, p_agents text[], p_how text[], p_answer_by timestamptz, p_due_at timestamptz,
    p_expires_at timestamptz)
returns text
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz;
    g gestures;
    a approvals;
    v_agents text[];                    -- of those named, who is not asked already
    v_how text[];
begin
    if (p_id is not null and p_step >= 0 and cardinality(p_agents) = cardinality(p_how)
        and coalesce(isfinite(p_due_at), true) and coalesce(isfinite(p_expires_at), true) and isfinite(p_answer_by))
        is not true then
        raise 'whom, how, and until when?' using errcode = 'LG400';
    end if;
    perform share_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    perform lock_gestures(p_tenant, array[p_id]);
    v_at := largesse.now();
    select x.* into g from gestures x where x.tenant_id = p_tenant and x.gesture_id = p_id;
    select x.* into a
    from approvals x
    where x.tenant_id = p_tenant and x.gesture_id = p_id and x.closed_at is null and x.step = p_step;
    if not found or not is_due(p_tenant, p_id, a.step, v_at) then
        return 'STALE';
    end if;
    perform check_asked(p_tenant, g, a, p_agents, p_how, p_due_at, p_expires_at);

    select coalesce(array_agg(x.agent order by x.ord), '{}'), coalesce(array_agg(x.how order by x.ord), '{}')
    into v_agents, v_how
    from unnest(p_agents, p_how) with ordinality x (agent, how, ord)
    where not exists (
        select from asks k
        where k.tenant_id = p_tenant
            and k.gesture_id = p_id
            and k.agent_id = x.agent
            and coalesce(k.closed_at, 'infinity') = 'infinity');    -- by the key, not by the inbox: see close_question
    perform ask_agent(p_tenant, v_at, p_id, x.agent, x.how, p_answer_by)
    from unnest(v_agents, v_how) x (agent, how);
    update approvals x
    set step = x.step + 1, expires_at = coalesce(x.expires_at, p_expires_at)
    where x.tenant_id = p_tenant and x.gesture_id = p_id;
    if p_due_at is null then
        delete from timers t where t.tenant_id = p_tenant and t.gesture_id = p_id and t.purpose = 'APPROVAL';
    else
        update timers t
        set due_at = p_due_at, claimed_until = null
        where t.tenant_id = p_tenant and t.gesture_id = p_id and t.purpose = 'APPROVAL';
    end if;
    if v_agents <> '{}' then
        perform happen(
            p_tenant, v_at, p_id, 'ASKED', g.state, 'largesse', null, null, null, null, null, jsonb_build_object(
                'purpose', a.purpose, 'step', a.step + 1, 'agents', to_jsonb(v_agents), 'how', to_jsonb(v_how),
                'answer_by', p_answer_by, 'expires_at', coalesce(a.expires_at, p_expires_at)), false);
    end if;
    return 'ASKED';
end $$;
