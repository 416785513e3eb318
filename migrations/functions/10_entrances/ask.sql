-- ask: the next steps of questions: of each, these agents are asked too, until p_answer_by; p_due_at is when something
-- happens next (null: nothing does, which only a review may say). Nobody asked before is replaced, and who is asked already
-- is not asked again. With no agents, only the time goes on. p_agents, p_how: of an element, with a space between.
-- Promises: each step happens once, whoever comes: it is taken against the step that was seen, and a later one only when it
-- is due. Only who stands above the requester, and the duty pool, can be asked by routing; never the requester's person.
-- A question lasts at least as long as its rule says (p_expires_at, of the first step). Asking confers no authority:
-- decide looks at everything again. Every element is taken as if it were alone, but that all wait for the gesture of each.
-- Answers every element: ASKED; STALE: somebody else was here, nothing is open, or it is not due; UNFIT: somebody cannot be
-- asked, or not for that time, and nothing was done.
-- Callers: largesse_app; 1 to 512 elements of one tenant, ids different from each other.
-- Locks, in this order: configuration (shared) -> gestures by id, and with each its question -> the row in heads.
-- Cost: as a batch of one, and a quarter of that for each more.
-- SQLSTATE: LG400 malformed; LG404 no such tenant, 40001 run it again; LG500 a defect.
create or replace function ask(
    p_tenant uuid, p_id uuid[], p_step int[], p_agents text[], p_how text[], p_answer_by timestamptz[],
    p_due_at timestamptz[], p_expires_at timestamptz[])
returns table (ord int, outcome text)
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
    v_version int;
    v_batch uuid;
    v_word text[];                      -- by element: what is answered
    v_agents text[];                    -- by element: of those named, who is not asked already; empty: nobody
    v_how text[];
    v_asked uuid[];                     -- whose questions somebody is asked now
    v_hashes bytea;
    v_count int;
begin
    perform check_steps(p_id, p_step, p_agents, p_how, p_answer_by, p_due_at, p_expires_at);
    perform share_configuration(p_tenant);
    v_version := (tenant_in_force(p_tenant)).configuration_version;
    perform lock_gestures(p_tenant, p_id);
    v_at := largesse.now();
    v_batch := new_batch_id(v_at);

    v_word := array(
        select judge_step(
            p_tenant, v_at, q.id, q.step, string_to_array(q.agents, ' '), string_to_array(q.how, ' '), q.due_at,
            q.expires_at)
        from unnest(p_id, p_step, p_agents, p_how, p_due_at, p_expires_at) with ordinality
            q (id, step, agents, how, due_at, expires_at, ord)
        order by q.ord);
    select array_agg(coalesce(n.agents, '') order by q.ord), array_agg(coalesce(n.how, '') order by q.ord)
    into v_agents, v_how
    from unnest(p_id, p_agents, p_how, v_word) with ordinality q (id, agents, how, word, ord)
    cross join lateral (
        select string_agg(x.agent, ' ' order by x.ord), string_agg(x.how, ' ' order by x.ord)
        from unnest(string_to_array(q.agents, ' '), string_to_array(q.how, ' ')) with ordinality x (agent, how, ord)
        where q.word = 'ASKED'
            and not exists (
                select from asks k
                where k.tenant_id = p_tenant
                    and k.gesture_id = q.id
                    and k.agent_id = x.agent
                    -- by the key, not by the inbox: see close_question
                    and coalesce(k.closed_at, 'infinity') = 'infinity')) n (agents, how);

    perform ask_agent(p_tenant, v_at, q.id, x.agent, x.how, q.answer_by)
    from unnest(p_id, v_agents, v_how, p_answer_by) q (id, agents, how, answer_by)
    cross join lateral unnest(string_to_array(q.agents, ' '), string_to_array(q.how, ' ')) x (agent, how);
    perform take_step(p_tenant, q.id, q.due_at, q.expires_at)
    from unnest(p_id, v_word, p_due_at, p_expires_at) q (id, word, due_at, expires_at)
    where q.word = 'ASKED';

    v_asked := array(select q.id from unnest(p_id, v_agents) q (id, agents) where q.agents <> '');
    if v_asked <> '{}' then
        -- By their place: these rows are locked, so they stay where their keys have found them.
        update gestures g
        set seq = g.seq + 1
        from unnest(v_asked) d (id)
        cross join lateral (
            select x.ctid from gestures x where x.tenant_id = p_tenant and x.gesture_id = d.id limit 1) f (place)
        where g.ctid = f.place;
        get diagnostics v_count = row_count;
        if v_count <> cardinality(v_asked) then
            raise 'a gesture that is locked is gone' using errcode = 'LG500';
        end if;
        v_hashes := append(p_tenant, v_batch, v_at, array(
            select row (
                q.id, g.seq, 'ASKED', g.state, 'largesse', null, null, null, v_version, g.amount_minor, g.terms_digest, null,
                jsonb_build_object(
                    'purpose', a.purpose, 'step', a.step, 'agents', to_jsonb(string_to_array(q.agents, ' ')),
                    'how', to_jsonb(string_to_array(q.how, ' ')), 'answer_by', q.answer_by,
                    'expires_at', a.expires_at))::happened
            from unnest(p_id, v_agents, v_how, p_answer_by) with ordinality q (id, agents, how, answer_by, ord)
            cross join lateral (
                select x.* from gestures x where x.tenant_id = p_tenant and x.gesture_id = q.id limit 1) g
            cross join lateral (
                select x.* from approvals x where x.tenant_id = p_tenant and x.gesture_id = q.id limit 1) a
            where q.agents <> ''
            order by q.ord));
        perform close_batch(p_tenant, v_batch, v_at, v_hashes);
    end if;
    return query select q.ord::int, q.word from unnest(v_word) with ordinality q (word, ord) order by q.ord;
end $$;
