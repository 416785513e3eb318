-- check_limits: the rules about limits that a single row cannot tell. The rest are the CHECKs of the table.
-- Callers: put_document, after the catalog. Locks: none. SQLSTATE: LG422.
create or replace function check_limits(p_tenant uuid, p_document jsonb) returns void
language plpgsql stable
as $$
#variable_conflict error
declare
    v_tenant tenants := tenant_in_force(p_tenant);
    v_kinds text[] := array(select i.kind from catalog_items i where i.tenant_id = p_tenant);
    l record;
begin
    for l in
        select x.*
        from jsonb_to_recordset(p_document -> 'limits') x (
            name text, subject text, "window" text, kinds text[], segments text[], occasions text[])
    loop
        perform refuse_document(format('limit %s: budgets state their own amounts', l.name))
        where l.subject = 'BUDGET';
        perform refuse_document(case
            when l.name = 'break_glass' and (l.subject <> 'AGENT' or l."window" = 'GESTURE')
                then 'limit break_glass: it counts for an AGENT, in a window that is longer than a GESTURE' end);
        perform refuse_document(format('limit %s: no kind is called %s', l.name, first_unknown(l.kinds, v_kinds)))
        where first_unknown(l.kinds, v_kinds) is not null;
        perform refuse_document(
            format('limit %s: no segment is called %s', l.name, first_unknown(l.segments, v_tenant.segments)))
        where first_unknown(l.segments, v_tenant.segments) is not null;
        perform refuse_document(
            format('limit %s: no occasion is called %s', l.name, first_unknown(l.occasions, v_tenant.occasions)))
        where first_unknown(l.occasions, v_tenant.occasions) is not null;
    end loop;
    perform refuse_document('limits: ' || first_repeated(array(
        select x.name from jsonb_to_recordset(p_document -> 'limits') x (name text))) || ' is there twice');
    -- its limit would be taken for the one that counts broken glass, and be charged by no other gesture
    perform refuse_document(case
        when exists (select from jsonb_to_recordset(p_document -> 'budgets') x (name text) where x.name = 'break_glass')
            then 'budget break_glass: the name is reserved for the limit of broken glass' end);
end $$;
