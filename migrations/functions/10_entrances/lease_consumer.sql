-- lease_consumer: one program at a time is at a consumer, for some seconds; it renews with the number that it was given
-- (p_lease), and gives back with p_for_s 0. What kept it from going on is noted with it (p_failure, a word). The first call
-- makes the consumer: at the oldest event that is not archived, or at the end of the trail (p_from_latest). Whoever shows
-- a number makes none: theirs was deleted. The numbers of a new one begin at the microsecond of its making, so that none
-- is given twice under one name.
-- outcome: LEASED, GIVEN_BACK, TAKEN (somebody else holds it: holder and leased_until say who and until when), LOST
-- (somebody else has held it since).
-- Callers: largesse_app. Locks: the consumer's row, and nothing else. Cost: three keys.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 it was deleted meanwhile: run it again.
create or replace function lease_consumer(
    p_tenant uuid, p_consumer text, p_holder text, p_lease bigint, p_for_s int, p_from_latest boolean, p_failure text)
returns table (
    outcome text, lease bigint, holder text, leased_until timestamptz, batch_no bigint, ordinal int, is_retry_due boolean)
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz := largesse.now();
    v_kept consumers;
begin
    if (is_id(p_consumer) and is_id(p_holder) and p_for_s between 0 and 300
        and coalesce(p_failure ~ '^[A-Z][A-Z_]{0,63}$', true)) is not true then
        raise 'who takes which consumer, and for how long?' using errcode = 'LG400';
    end if;
    perform tenant_in_force(p_tenant);
    insert into consumers (tenant_id, consumer, created_at, lease, batch_no, ordinal)
    select p_tenant, p_consumer, v_at, (extract(epoch from v_at) * 1000000)::bigint, s.batch_no,
        case when s.batch_no > 0 then 2147483647 else 0 end
    from (
        select case when p_from_latest then h.batch_no else coalesce(a.batch_no, 0) end batch_no
        from heads h
        left join archives a on a.tenant_id = p_tenant
        where h.tenant_id = p_tenant and p_lease is null) s
    on conflict on constraint consumers_have_one_name do nothing;
    select c.* into v_kept from consumers c where c.tenant_id = p_tenant and c.consumer = p_consumer for update;
    if v_kept.consumer is null and p_lease is null then
        raise 'the consumer was deleted meanwhile' using errcode = '40001';
    end if;

    outcome := case
        when p_lease is not null and (p_lease = v_kept.lease and v_kept.holder is not null) is not true then 'LOST'
        when p_lease is null and v_kept.leased_until > v_at then 'TAKEN'
        when p_for_s = 0 then 'GIVEN_BACK'
        else 'LEASED' end;
    if outcome in ('GIVEN_BACK', 'LEASED') then
        update consumers c
        set lease = c.lease + case when p_lease is null then 1 else 0 end,
            holder = case when p_for_s > 0 then p_holder end,
            leased_until = case when p_for_s > 0 then v_at + make_interval(secs => p_for_s) end,
            failure = coalesce(p_failure, c.failure),
            failed_at = case when p_failure is null then c.failed_at else v_at end
        where c.tenant_id = p_tenant and c.consumer = p_consumer;
    end if;
    return query
        select outcome, coalesce(c.lease, 0), c.holder, c.leased_until, coalesce(c.batch_no, 0), coalesce(c.ordinal, 0),
            exists (
                select from set_aside s
                where s.tenant_id = p_tenant and s.consumer = p_consumer and s.is_to_be_retried)
        from (select p_consumer) x (consumer)
        left join consumers c on c.tenant_id = p_tenant and c.consumer = x.consumer;
end $$;
