-- is_same_answer: whether an event is what this very answer would have written. Callers: decide. Pure.
create or replace function is_same_answer(
    p_event events, p_actor text, p_authority text, p_terms bytea, p_answer text, p_amount bigint) returns boolean
language plpgsql immutable
as $$
begin
    return coalesce(
        p_event.actor = p_actor
        and p_event.authority = coalesce(p_authority, p_event.authority)
        and p_event.terms_digest = coalesce(p_terms, p_event.terms_digest)
        and p_event.amount_minor = coalesce(p_amount, p_event.amount_minor)
        and p_event.type = any (case p_answer
            when 'APPROVE' then '{APPROVED,FIRST_YES}'
            when 'DECLINE' then '{DECLINED}'
            else '{RETURNED}' end::text[]), false);
end $$;
