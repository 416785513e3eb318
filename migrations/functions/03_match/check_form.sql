-- check_form: every element can be a request at all. The service checked this before the call, because one
-- malformed element refuses its whole batch; with psql and the service's own credentials, nobody gets nonsense past
-- this.
-- Callers: admit, preview, revise. Locks: none. Cost: some 3 µs per element. SQLSTATE: LG400, naming the first element.
create or replace function check_form(p_asked asked[]) returns void
language plpgsql immutable
as $$
#variable_conflict error
declare
    v_ord int;
begin
    select q.ord into v_ord
    from unnest(p_asked) with ordinality q (
        id, agent, kind, amount, currency, customer_id, segment, case_id, occasion, budget_id, waived, promise_by,
        replaces, digest, personal_digest, sealed, credential, via, is_glass, recipient, ord)
    where (
            q.id is not null
            and q.amount between 1 and 1000000000000
            and is_currency(q.currency)
            and octet_length(q.agent) between 1 and 128
            and octet_length(q.kind) between 1 and 128
            and octet_length(q.customer_id) between 1 and 128
            and octet_length(coalesce(q.segment, '-')) between 1 and 128
            and octet_length(coalesce(q.case_id, '-')) between 1 and 128
            and octet_length(coalesce(q.occasion, '-')) between 1 and 128
            and octet_length(coalesce(q.budget_id, '-')) between 1 and 128
            and concat(q.agent, q.kind, q.customer_id, q.segment, q.case_id, q.occasion, q.budget_id) !~ '[^!-~]'
            and (q.waived = '' or octet_length(q.waived) <= 8192 and q.waived ~ '^[!-~]+( [!-~]+)*$')
            and coalesce(q.promise_by, '2000-01-01Z') between '1970-01-01Z' and '9999-12-31 23:59:59.999999Z'
            and octet_length(q.digest) between 1 and 64
            and octet_length(q.personal_digest) between 1 and 64
            and octet_length(coalesce(q.sealed, '')) <= 262144
            and octet_length(coalesce(q.credential, '')) <= 1024
            and octet_length(coalesce(q.via, '')) <= 1024
            and q.is_glass is not null
            and octet_length(coalesce(q.recipient, '')) <= 1024
        ) is not true
    order by q.ord
    limit 1;
    if found then
        raise 'element % is malformed', v_ord using errcode = 'LG400';
    end if;
end $$;
