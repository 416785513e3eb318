-- lead_time_of: how long a kind usually takes, as the configuration in force says; nothing where it has gone from the
-- catalog.
-- Callers: watch_promises, watch_promise, follow_report. Locks: none. Cost: a look-up.
create or replace function lead_time_of(p_tenant uuid, p_kind text, p_currency text) returns interval
language plpgsql stable
as $$
#variable_conflict error
begin
    return coalesce((
        select make_interval(secs => i.lead_time_s)
        from catalog_items i
        where i.tenant_id = p_tenant and i.kind = p_kind and i.currency = p_currency), interval '0');
end $$;
