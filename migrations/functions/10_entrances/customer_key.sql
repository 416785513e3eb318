-- customer_key: the key under which a customer's personal data is sealed and digested. Made at the first gesture,
-- before admission; the first one offered stays. Whoever destroys the row has erased the customer.
-- Promises: every caller gets the same 32 bytes, whoever came first.
-- Callers: largesse_app. Locks: the customer's row, if it is new. Cost: a look-up, and an insert once per customer.
-- SQLSTATE: LG400 malformed, LG404 no such tenant.
create or replace function customer_key(p_tenant uuid, p_customer text, p_fresh bytea) returns bytea
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_key bytea;
begin
    if is_id(p_customer) is not true or octet_length(p_fresh) is distinct from 32 then
        raise 'a customer has an id, and a key has 32 bytes' using errcode = 'LG400';
    end if;
    perform refuse_old_snapshots();
    perform tenant_in_force(p_tenant);
    select k.key into v_key from customer_keys k where k.tenant_id = p_tenant and k.customer_id = p_customer;
    if not found then
        insert into customer_keys (tenant_id, customer_id, key)
        values (p_tenant, p_customer, p_fresh)
        on conflict (tenant_id, customer_id) do nothing;
        select k.key into v_key from customer_keys k where k.tenant_id = p_tenant and k.customer_id = p_customer;
    end if;
    return v_key;
end $$;
