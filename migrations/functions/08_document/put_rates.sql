-- put_rates: the table of exchange rates becomes exactly what the document says.
-- Callers: put_document. Locks: the tenant's rates. SQLSTATE: LG422, also as a CHECK of rates.
create or replace function put_rates(p_tenant uuid, p_document jsonb) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    perform refuse_document('rates: ' || first_repeated(array(
        select concat_ws(' ', r."from", 'to', r."to", 'on', r."on")
        from jsonb_to_recordset(p_document -> 'rates' -> 'table') r ("from" text, "to" text, "on" text)))
        || ' is there twice');

    delete from rates r where r.tenant_id = p_tenant;
    insert into rates (tenant_id, from_currency, to_currency, dated, rate)
    select p_tenant, r."from", r."to", r."on", r.rate
    from jsonb_to_recordset(p_document -> 'rates' -> 'table') r ("from" text, "to" text, "on" date, rate numeric);
end $$;
