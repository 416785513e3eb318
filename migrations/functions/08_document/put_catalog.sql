-- put_catalog: the catalog becomes exactly what the document says.
-- Callers: put_document. Locks: the tenant's catalog items. SQLSTATE: LG422, also as a CHECK of catalog_items.
create or replace function put_catalog(p_tenant uuid, p_document jsonb) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    perform refuse_document('catalog: ' || first_repeated(array(
        select concat_ws(' ', c.kind, 'in', c.currency)
        from jsonb_to_recordset(p_document -> 'catalog') c (kind text, currency text))) || ' is there twice');
    perform refuse_document((
        select format('catalog: %s is no currency', min(c.currency))
        from jsonb_to_recordset(p_document -> 'catalog') c (currency text)
        where not is_currency(c.currency)
        having count(*) > 0));

    delete from catalog_items i where i.tenant_id = p_tenant;
    insert into catalog_items (
        tenant_id, kind, currency, is_offered, min_minor, max_minor, recipient_fields, channel, lead_time_s,
        tolerance_bp, dual_minor, late_cancel_bp)
    select
        p_tenant, c.kind, c.currency, c.offered, c.min_minor, c.max_minor, coalesce(c.recipient, '{}'), c.channel,
        c.lead_time_s, c.tolerance_bp, c.dual_minor, c.late_cancel_bp
    from jsonb_to_recordset(p_document -> 'catalog') c (
        kind text, currency text, offered boolean, min_minor bigint, max_minor bigint, recipient text[], channel text,
        lead_time_s int, tolerance_bp int, dual_minor bigint, late_cancel_bp int);
end $$;
