-- write_outcomes: what follows from the outcomes of a batch: a task for each approved element and a watch on
-- what it promised, the answer to what went wrong with the gesture that it replaces, a question for each that
-- needs approval, a review for each that broke the glass, an event and its sealed part for every one. Returns the
-- events' hashes in order, for close_batch.
-- Callers: admit_once, after claim. Locks: its own new rows. Cost: some 20 µs per element.
create or replace function write_outcomes(
    p_tenant uuid, p_batch uuid, p_at timestamptz, m matched[], p_out text[], p_why jsonb[]) returns bytea
language plpgsql volatile
as $$
#variable_conflict error
begin
    if 'APPROVED' = any (p_out) then
        insert into tasks (tenant_id, gesture_id, channel, ready_at)
        select p_tenant, r.id, r.channel, p_at
        from rows from (unnest(m), unnest(p_out)) r
        where r.unnest = 'APPROVED';
    end if;

    if exists (select from unnest(m) r where r.promise_by is not null) then
        perform watch_promises(p_tenant, p_at, array(
            select r.id from unnest(m) r where p_out[r.ord] = 'APPROVED' and r.promise_by is not null));
    end if;
    if exists (select from unnest(m) r where r.replaces is not null) then
        perform answer_follow_ups(p_tenant, p_at, r.replaces, r.agent, r.id)
        from unnest(m) r
        where p_out[r.ord] = 'APPROVED' and r.replaces is not null
        order by r.replaces, r.id;
    end if;

    if 'PENDING_APPROVAL' = any (p_out) or exists (select from unnest(m) r where r.is_glass) then
        perform open_questions(p_tenant, p_at, q.ids, q.seqs, q.purposes)
        from (
            select
                array_agg(r.id) ids, array_agg(1) seqs,
                array_agg(case p_out[r.ord] when 'APPROVED' then 'REVIEW' else 'DECISION' end) purposes
            from unnest(m) r
            where p_out[r.ord] = 'PENDING_APPROVAL' or p_out[r.ord] = 'APPROVED' and r.is_glass) q
        where q.ids is not null;
    end if;

    return append(p_tenant, p_batch, p_at, array(
        select row (
            r.id, 1, o.state, o.state, r.agent, case when o.state = 'APPROVED' then r.agent end, r.credential, r.via,
            r.version, r.amount, r.terms, r.sealed,
            case
                when o.state <> 'APPROVED' then jsonb_build_object('reasons', p_why[r.ord])
                when r.is_glass then '{"break_glass": true}'
            end)::happened
        from rows from (unnest(m), unnest(p_out)) r
        cross join lateral (select r.unnest) o (state)
        where o.state is not null
        order by r.ord));
end $$;
