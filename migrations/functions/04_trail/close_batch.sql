-- close_batch: the last step of everything that writes. Gives the batch the tenant's next number, seals it, and
-- reads the clock again: this is the last lock, so here a batch learns that its windows ended while it waited.
-- Callers: everything that appends. Locks: the tenant's row in heads, until the commit. Cost: one update and one
-- insert, whatever the batch. SQLSTATE: 40001 the tenant's local day ended meanwhile: run it again. LG500 the
-- tenant has no head.
create or replace function close_batch(p_tenant uuid, p_batch uuid, p_at timestamptz, p_hashes bytea) returns void
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_no bigint;
    v_head bytea;
    v_time_zone text;
begin
    if p_hashes is null then
        return;                         -- nothing happened
    end if;
    update heads h
    set batch_no = h.batch_no + 1, head = sha256(h.head || p_hashes)
    where h.tenant_id = p_tenant
    returning h.batch_no, h.head into v_no, v_head;
    if not found then
        raise 'the tenant has no head' using errcode = 'LG500';
    end if;
    insert into batches (tenant_id, batch_no, batch_id, head, at)
    values (p_tenant, v_no, p_batch, v_head, p_at);

    select t.time_zone into v_time_zone from tenants t where t.tenant_id = p_tenant;
    if (largesse.now() at time zone v_time_zone)::date <> (p_at at time zone v_time_zone)::date then
        raise 'the day ended while the batch waited' using errcode = '40001';
    end if;
end $$;
