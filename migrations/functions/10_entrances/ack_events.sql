-- ack_events: a consumer has taken everything up to a place in the trail. Only forward: an older place changes nothing, so a
-- repeated call does no harm. The first call makes the consumer, unless it shows a lease: then it was deleted.
-- outcome: ACKED, UNCHANGED, AHEAD (the trail has not come so far), LEASED (somebody else holds the lease). The place is
-- where the consumer now stands.
-- Callers: largesse_app. Locks: the consumer's row, and nothing else. Cost: three keys.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 it was deleted meanwhile: run it again.
create or replace function ack_events(p_tenant uuid, p_consumer text, p_batch bigint, p_ordinal int, p_lease bigint)
returns table (outcome text, batch_no bigint, ordinal int)
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
    if (is_id(p_consumer) and p_batch >= 0 and p_ordinal >= 0) is not true then
        raise 'who has come how far?' using errcode = 'LG400';
    end if;
    perform tenant_in_force(p_tenant);
    insert into consumers (tenant_id, consumer, created_at, lease, batch_no, ordinal)
    select p_tenant, p_consumer, v_at, (extract(epoch from v_at) * 1000000)::bigint, 0, 0
    where p_lease is null
    on conflict on constraint consumers_have_one_name do nothing;
    if not hold_consumer(p_tenant, p_consumer, p_lease, v_at) then
        outcome := 'LEASED';
    elsif not exists (select from heads h where h.tenant_id = p_tenant and h.batch_no >= p_batch) then
        outcome := 'AHEAD';
    else
        update consumers c
        set batch_no = p_batch, ordinal = p_ordinal, acked_at = v_at
        where c.tenant_id = p_tenant and c.consumer = p_consumer and (c.batch_no, c.ordinal) < (p_batch, p_ordinal)
        returning c.* into v_kept;
        outcome := case when v_kept.consumer is null then 'UNCHANGED' else 'ACKED' end;
    end if;
    select c.* into v_kept from consumers c where c.tenant_id = p_tenant and c.consumer = p_consumer;
    if v_kept.consumer is null and p_lease is null then
        raise 'the consumer was deleted meanwhile' using errcode = '40001';
    end if;
    batch_no := coalesce(v_kept.batch_no, 0);
    ordinal := coalesce(v_kept.ordinal, 0);
    return next;
end $$;
