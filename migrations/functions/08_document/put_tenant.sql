-- put_tenant: the document's head (time zone, week, policies, segments, occasions) becomes the tenant's row.
-- Callers: put_document. Locks: the tenant's row. SQLSTATE: LG422.
create or replace function put_tenant(p_tenant uuid, p_version int, p_document jsonb) returns void
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_time_zone text := p_document ->> 'time_zone';
    v_policies text[] := coalesce(texts(p_document -> 'policies'), '{}');
    v_segments text[] := coalesce(texts(p_document -> 'segments'), '{}');
    v_occasions text[] := coalesce(texts(p_document -> 'occasions'), '{}');
begin
    -- AT TIME ZONE also takes POSIX rules and abbreviations, which are no time zones of the tenant's calendar
    if v_time_zone is distinct from (tenant_in_force(p_tenant)).time_zone
        and not exists (select from pg_timezone_names z where z.name = v_time_zone) then
        perform refuse_document(format('time_zone: %s is not an IANA time zone', v_time_zone));
    end if;
    perform refuse_document((
        select format('%s: %s is not a name of 1 to 128 visible ASCII characters', x.section, x.t)
        from (
            select 'policies' section, unnest(v_policies) t
            union all select 'segments', unnest(v_segments)
            union all select 'occasions', unnest(v_occasions)) x
        where is_id(x.t) is not true
        order by 1
        limit 1));
    perform refuse_document('policies: ' || first_repeated(v_policies) || ' is there twice');
    perform refuse_document('segments: ' || first_repeated(v_segments) || ' is there twice');
    perform refuse_document('occasions: ' || first_repeated(v_occasions) || ' is there twice');

    update tenants t
    set time_zone = v_time_zone,
        week_starts_on = (p_document ->> 'week_starts_on')::int,
        configuration_version = p_version,
        rate_max_age_days = (p_document -> 'rates' ->> 'max_age_days')::int,
        policies = v_policies,
        segments = v_segments,
        occasions = v_occasions
    where t.tenant_id = p_tenant;
end $$;
