-- judge_answer: whether an actor may answer a gesture's question now, before anything of the answer itself is looked at.
-- p_refusal: null, they may, in the authority p_in; else UNKNOWN, OWN_REQUEST, INACTIVE, NOT_ASKED, NOT_LENT, STALE
-- (the etag or the terms seen are no longer those in force), NOT_ALLOWED (the state), MOVED (what is sealed was sealed
-- for another place than the next event's, whose number is p_etag_now).
-- Who was never asked learns neither the state nor the etag; who was asked and came too late learns who was faster.
-- Callers: decide, reassign, review, with configuration and gesture locked. Locks: none. Cost: some ten look-ups.
create or replace function judge_answer(
    p_tenant uuid, p_at timestamptz, p_id uuid, p_actor text, p_authority text, p_etag int, p_terms bytea,
    p_purpose text, p_sealed bytea, p_seq int,
    out p_refusal text, out p_in text, out p_how text, out p_asked_at timestamptz)
language plpgsql stable
as $$
#variable_conflict error
declare
    g gestures;
    v_answering record;
begin
    select x.* into g from gestures x where x.tenant_id = p_tenant and x.gesture_id = p_id;
    if not found or g.state = 'TOMBSTONE' then
        p_refusal := 'UNKNOWN';
        return;
    end if;
    select x.* into v_answering from answering(p_tenant, p_at, p_id, g.requested_by, p_actor, p_authority) x;
    p_in := v_answering.p_in;
    p_how := v_answering.p_how;
    p_asked_at := v_answering.p_asked_at;
    p_refusal := case
        when v_answering.p_refusal is not null then v_answering.p_refusal
        when g.etag <> p_etag or p_terms <> g.terms_digest then 'STALE'
        when p_purpose = 'DECISION' and g.state <> 'PENDING_APPROVAL' or not exists (
            select from approvals a
            where a.tenant_id = p_tenant and a.gesture_id = p_id and a.purpose = p_purpose and a.closed_at is null)
            then 'NOT_ALLOWED'
        when not v_answering.p_is_open then 'NOT_ASKED'
        when p_sealed is not null and p_seq is distinct from g.seq + 1 then 'MOVED'
    end;
end $$;
