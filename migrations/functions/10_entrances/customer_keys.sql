-- customer_keys: the keys under which personal data of these customers is sealed and digested, in their order. Made at the
-- first gesture, before admission; the first one offered stays. Whoever destroys the row has erased the customer.
-- Promises: every caller gets the same 32 bytes, whoever came first. They are on the disk before anybody seals under
-- them: what is sealed outlives a crash of Postgres, in the service, and is admitted after it.
-- Callers: largesse_app; 1 to 512 customers of one tenant, who may be named twice. Locks: the rows of new customers, by
-- customer. Cost: a look-up each, and an insert once per customer.
-- SQLSTATE: LG400 malformed, LG404 no such tenant.
create or replace function customer_keys(p_tenant uuid, p_customer text[], p_fresh bytea[]) returns bytea[]
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict error
declare
    v_keys bytea[];
begin
    if cardinality(p_customer) between 1 and 512 is not true
        or cardinality(p_fresh) is distinct from cardinality(p_customer)
        or exists (
            select from unnest(p_customer, p_fresh) x (customer, fresh)
            where is_id(x.customer) is not true or octet_length(x.fresh) is distinct from 32) then
        raise 'a customer has an id, and a key has 32 bytes' using errcode = 'LG400';
    end if;
    perform refuse_old_snapshots();
    perform tenant_in_force(p_tenant);
    v_keys := array(
        select (select k.key from customer_keys k where k.tenant_id = p_tenant and k.customer_id = x.customer limit 1)
        from unnest(p_customer) with ordinality x (customer, ord)
        order by x.ord);
    if array_position(v_keys, null) is null then
        return v_keys;
    end if;
    insert into customer_keys (tenant_id, customer_id, key)
    select p_tenant, x.customer, x.fresh
    from unnest(p_customer, p_fresh, v_keys) x (customer, fresh, known)
    where x.known is null
    order by x.customer collate "C"
    on conflict (tenant_id, customer_id) do nothing;
    return array(
        select (select k.key from customer_keys k where k.tenant_id = p_tenant and k.customer_id = x.customer limit 1)
        from unnest(p_customer) with ordinality x (customer, ord)
        order by x.ord);
end $$;
