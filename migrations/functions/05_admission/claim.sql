-- claim: the gestures' rows, with the hold that they will have if all goes well. The first of all writes and
-- outside the savepoint, because it takes the ids for good: a batch that locked counters before ids, or gave its
-- ids up to sweep, deadlocked with one that met the same ids. The key waits for the other's commit.
-- Promises: a row for each element that has an outcome, or LG002.
-- Callers: admit_once. Locks: the new gestures' keys, by id; waits for whoever is writing the same id.
-- SQLSTATE: LG002 one of the ids is known already (counted by RETURNING): roll back and look them up.
create or replace function claim(p_tenant uuid, p_at timestamptz, m matched[], p_out text[]) returns void
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_new int;
begin
    with fresh as (
        insert into gestures (
            tenant_id, gesture_id, state, seq, created_at, updated_at, digest_version, request_digest, personal_digest,
            terms_digest, requested_by, kind, amount_minor, currency, customer_id, segment, case_id, occasion,
            budget_id, waived, promise_by, replaces, decided_by, authority, decided_at, configuration_version,
            is_glass, promise, hold_minor, charged_limits, charged_subjects, charged_windows, charged_minor, charged_maxima,
            charged_rates)
        select
            p_tenant, r.id, r.unnest, 1, p_at, p_at, 1, r.digest, r.personal_digest,
            r.terms, r.agent, r.kind, r.amount, r.currency, r.customer_id, r.segment, r.case_id, r.occasion,
            r.budget_id, r.waived, r.promise_by, r.replaces,
            case when y.yes then r.agent end, case when y.yes then r.agent end,
            case when r.unnest <> 'PENDING_APPROVAL' then p_at end, r.version, r.is_glass,
            case when y.yes and r.promise_by is not null then 'PENDING' end,
            case when y.yes then r.hold end,
            case when y.yes then r.limits end, case when y.yes then r.subjects end, case when y.yes then r.windows end,
            case when y.yes then r.amounts end, case when y.yes then r.maxima end, case when y.yes then r.rates end
        from rows from (unnest(m), unnest(p_out)) r     -- p_out[r.ord] would walk through p_out for each
        cross join lateral (select r.unnest = 'APPROVED') y (yes)
        where r.unnest is not null
        order by r.id                   -- two batches with the same ids in another order would deadlock
        on conflict (tenant_id, gesture_id) do nothing
        returning 1)
    select count(*) into v_new from fresh;

    if v_new <> cardinality(array_remove(p_out, null)) then
        raise 'an id is known already' using errcode = 'LG002';
    end if;
end $$;
