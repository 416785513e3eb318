-- put_limits: the limits become what the document says. One that keeps name, subject, window and currency keeps its
-- id, and with it its counters, also after it was away; one that is no longer meant is retired, never deleted.
-- Callers: put_document. Locks: the tenant's limits. SQLSTATE: LG422, also as a CHECK of limits.
create or replace function put_limits(p_tenant uuid, p_document jsonb) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    update limits l set is_retired = true where l.tenant_id = p_tenant and not l.is_retired;

    insert into limits as l (
        tenant_id, limit_id, name, subject, span, currency, kinds, segments, occasions, hard_minor, hard_count)
    select
        p_tenant,
        coalesce(k.limit_id, m.last_id + row_number() over (
            partition by d.first_id, k.limit_id is null order by d.name collate "C", d.span, d.currency)),
        d.name, d.subject, d.span, d.currency, d.kinds, d.segments, d.occasions, d.hard_minor, d.hard_count
    from document_limits(p_document) d
    left join limits k on k.tenant_id = p_tenant
        and k.name = d.name
        and k.subject = d.subject
        and k.span = d.span
        and k.currency = d.currency
    cross join lateral (
        select coalesce(max(x.limit_id), d.first_id) last_id
        from limits x
        where x.tenant_id = p_tenant and x.limit_id > d.first_id and x.limit_id < d.first_id + 100000) m
    on conflict (tenant_id, limit_id) do update
    set kinds = excluded.kinds,
        segments = excluded.segments,
        occasions = excluded.occasions,
        hard_minor = excluded.hard_minor,
        hard_count = excluded.hard_count,
        is_retired = false;
end $$;
