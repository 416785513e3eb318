-- open_questions: opens a question, or a review, for each of these gestures, and sets the timer that routes it should
-- nobody else do so first. A question that was there before begins anew.
-- Callers: write_outcomes, revise, with the gestures locked or new. Locks: the gestures' rows of approvals and timers.
-- Cost: two inserts for all.
create or replace function open_questions(
    p_tenant uuid, p_at timestamptz, p_id uuid[], p_seq int[], p_purpose text[]) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    insert into approvals as a (tenant_id, gesture_id, purpose, opened_at, opened_seq)
    select p_tenant, q.id, q.purpose, p_at, q.seq
    from unnest(p_id, p_seq, p_purpose) q (id, seq, purpose)
    order by q.id
    on conflict (tenant_id, gesture_id) do update
    set purpose = excluded.purpose,
        opened_at = excluded.opened_at,
        opened_seq = excluded.opened_seq,
        step = 0,
        expires_at = null,
        first_actor = null,
        first_authority = null,
        first_person_ids = null,
        first_minor = null,
        first_promise_by = null,
        first_at = null,
        closed_at = null,
        closed_seq = null;

    -- whoever wrote the question routes it at once; these seconds keep every other replica from doing the same
    insert into timers as t (tenant_id, gesture_id, purpose, due_at)
    select p_tenant, q.id, 'APPROVAL', p_at + interval '3 seconds'
    from unnest(p_id) q (id)
    order by q.id
    on conflict (tenant_id, gesture_id, purpose) do update
    set due_at = excluded.due_at, claimed_until = null;
end $$;
