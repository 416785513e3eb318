-- check_routing: the rules about routing that a single row cannot tell: names that the document knows, and a pool and a
-- calendar where a rule needs one. The rest are the CHECKs of the tables.
-- Callers: put_routing. Locks: none. SQLSTATE: LG422.
create or replace function check_routing(p_tenant uuid) returns void
language plpgsql stable
as $$
#variable_conflict error
declare
    v_tenant tenants := tenant_in_force(p_tenant);
    v_kinds text[] := array(select i.kind from catalog_items i where i.tenant_id = p_tenant);
begin
    perform refuse_document((
        select case
            when first_unknown(r.kinds, v_kinds) is not null
                then format('routing rule %s: no kind is called %s', r.place, first_unknown(r.kinds, v_kinds))
            when first_unknown(r.segments, v_tenant.segments) is not null then format(
                'routing rule %s: no segment is called %s', r.place, first_unknown(r.segments, v_tenant.segments))
            when first_unknown(r.occasions, v_tenant.occasions) is not null then format(
                'routing rule %s: no occasion is called %s', r.place, first_unknown(r.occasions, v_tenant.occasions))
            when r.on_silence = 'GRANT' and w.duty_pool_id is null
                then format('routing rule %s: silence grants, and there is no duty pool to give', r.place)
            else format('routing rule %s: working hours count, and there is no calendar', r.place)
        end
        from routing_rules r
        join routings w on w.tenant_id = p_tenant
        where r.tenant_id = p_tenant
            and (first_unknown(r.kinds, v_kinds) is not null
                or first_unknown(r.segments, v_tenant.segments) is not null
                or first_unknown(r.occasions, v_tenant.occasions) is not null
                or r.on_silence = 'GRANT' and w.duty_pool_id is null
                or r.clock = 'WORKING_HOURS' and w.working_hours is null)
        order by r.place
        limit 1));
    perform refuse_document('routing: duty member ' || (
        select first_repeated(w.duty_member_ids) from routings w where w.tenant_id = p_tenant) || ' is there twice');
end $$;
