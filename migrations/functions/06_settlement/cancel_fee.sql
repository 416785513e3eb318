-- cancel_fee: what cancelling a gesture costs now, in its currency: of a dispatched one, what the catalog in force says,
-- rounded up and at most the hold; of an approved one nothing. Null: it held nothing. Callers: settle. Locks: none. Cost:
-- a look-up.
create or replace function cancel_fee(p_tenant uuid, g gestures) returns bigint
language plpgsql stable
as $$
#variable_conflict error
begin
    return case
        when g.charged_limits is null then null
        when g.state <> 'DISPATCHED' then 0
        else least(g.hold_minor, (
            select (g.amount_minor * i.late_cancel_bp + 9999) / 10000
            from catalog_items i
            where i.tenant_id = p_tenant and i.kind = g.kind and i.currency = g.currency))
    end;
end $$;
