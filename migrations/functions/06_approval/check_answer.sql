-- check_answer: an answer can be one at all. Callers: decide. Pure. SQLSTATE: LG400 malformed.
create or replace function check_answer(
    p_id uuid, p_etag int, p_terms bytea, p_answer text, p_amount bigint, p_promise_by timestamptz, p_sealed bytea)
returns void
language plpgsql immutable
as $$
begin
    if (p_id is not null and p_etag >= 1 and p_answer in ('APPROVE', 'DECLINE', 'RETURN')) is not true then
        raise 'an answer names a gesture, the etag seen, and is APPROVE, DECLINE or RETURN' using errcode = 'LG400';
    end if;
    if p_answer = 'APPROVE' and (
        octet_length(p_terms) = 32
        and coalesce(p_amount, 1) between 1 and 1000000000000
        and coalesce(p_promise_by, '2000-01-01Z') between '1970-01-01Z' and '9999-12-31 23:59:59.999999Z'
        and p_sealed is null) is not true then
        raise 'a yes names the digest of the terms seen, and an amount of money or none' using errcode = 'LG400';
    end if;
    if p_answer <> 'APPROVE' and (
        octet_length(p_sealed) between 1 and 262144 and p_amount is null and p_promise_by is null) is not true then
        raise 'a no, and a return, say why, and nothing else' using errcode = 'LG400';
    end if;
end $$;
