-- admit: decides a batch of requests of ONE tenant.
-- Promises: every element is decided as if alone and in this order, and all its rows are written or none. A known
-- id is answered with its first answer (replayed), or with REUSED or TOMBSTONED where that is the truth. An INVALID
-- element writes nothing and leaves its id free, while the rest of the batch is decided. Nobody passes a ceiling.
-- What needs approval opens a question, and a glass that is broken opens a review; whom to ask is found out after the
-- commit, by whoever comes first: the caller, or the timer that stands beside the question.
-- Answers every element: APPROVED now with what its requester is told of it, anything else with why. p_recipient: the names
-- of the recipient's fields that are there, a space between; null: they are not looked at. A gesture that `replaces`
-- another finds it if it was there before this batch.
-- Callers: largesse_app, as one autocommitted statement; 1 to 512 elements, ids different from each other.
-- Locks, in this order: configuration (shared) -> the new gestures' keys by id -> counters by key -> the row in
-- heads.
-- Cost: about 1 ms per batch plus 60 to 120 µs per element at 1 to 5 limits.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 run it again; LG500 and 23514 are defects.
create or replace function admit(
    p_tenant uuid,
    p_id uuid[],
    p_agent text[],
    p_kind text[],
    p_amount bigint[],
    p_currency text[],
    p_customer text[],
    p_segment text[],
    p_case text[],
    p_occasion text[],
    p_budget text[],
    p_waived text[],
    p_promise_by timestamptz[],
    p_replaces uuid[],
    p_digest bytea[],
    p_personal_digest bytea[],
    p_sealed bytea[],
    p_credential text[],
    p_via text[],
    p_is_glass boolean[],
    p_recipient text[])
returns table (
    ord int, outcome text, reasons jsonb, replayed boolean, decided_at timestamptz, configuration_version int,
    budget_id text, terms_digest bytea, time_zone text, channel text)
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
    v_n int := coalesce(cardinality(p_id), 0);
    v_asked asked[];
begin
    if v_n not between 1 and 512 or (select count(distinct x.id) from unnest(p_id) x (id)) <> v_n then
        raise 'a batch has 1 to 512 ids, each once' using errcode = 'LG400';
    end if;
    if (v_n, v_n, v_n, v_n, v_n, v_n, v_n, v_n, v_n, v_n, v_n, v_n, v_n, v_n, v_n, v_n, v_n, v_n, v_n) is distinct from (
        cardinality(p_agent), cardinality(p_kind), cardinality(p_amount), cardinality(p_currency),
        cardinality(p_customer), cardinality(p_segment), cardinality(p_case), cardinality(p_occasion),
        cardinality(p_budget), cardinality(p_waived), cardinality(p_promise_by), cardinality(p_replaces),
        cardinality(p_digest), cardinality(p_personal_digest), cardinality(p_sealed), cardinality(p_credential),
        cardinality(p_via), cardinality(p_is_glass), cardinality(p_recipient)) then
        raise 'the arrays of a batch are of one length' using errcode = 'LG400';
    end if;
    v_asked := array(
        select row (
            x.id, x.agent, x.kind, x.amount, x.currency, x.customer_id, x.segment, x.case_id, x.occasion, x.budget_id,
            coalesce(x.waived, ''), x.promise_by, x.replaces, x.digest, x.personal_digest, x.sealed, x.credential,
            x.via, x.is_glass, x.recipient)::asked
        from unnest(
            p_id, p_agent, p_kind, p_amount, p_currency, p_customer, p_segment, p_case, p_occasion, p_budget, p_waived,
            p_promise_by, p_replaces, p_digest, p_personal_digest, p_sealed, p_credential, p_via, p_is_glass, p_recipient)
            with ordinality x (
                id, agent, kind, amount, currency, customer_id, segment, case_id, occasion, budget_id, waived,
                promise_by, replaces, digest, personal_digest, sealed, credential, via, is_glass, recipient, ord)
        order by x.ord);
    perform check_form(v_asked);
    perform share_configuration(p_tenant);

    -- each further attempt means that somebody else committed one of our ids meanwhile, or that midnight passed
    for v_attempt in 0 .. 15 loop
        begin
            return query select a.* from admit_once(p_tenant, v_attempt > 0, v_asked) a;
            return;
        exception when sqlstate 'LG002' or serialization_failure then
            null;
        end;
    end loop;
    raise 'ids of this batch keep appearing elsewhere' using errcode = '40001';
end $$;
