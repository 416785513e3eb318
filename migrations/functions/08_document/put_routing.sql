-- put_routing: who is asked and for how long becomes what the sections `routing` and `calendar` say. Without them, what
-- they say of themselves. Whether the duty pool is one is for check_roster to say, when the roster is in place.
-- Callers: put_document, after the catalog. Locks: the tenant's rows in routings and routing_rules.
-- SQLSTATE: LG422, also as a CHECK of both.
create or replace function put_routing(p_tenant uuid, p_document jsonb) returns void
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_routing jsonb := coalesce(nullif(p_document -> 'routing', 'null'), '{}');
    v_calendar jsonb := nullif(p_document -> 'calendar', 'null');
begin
    perform check_calendar(v_calendar);

    delete from routing_rules r where r.tenant_id = p_tenant;
    delete from routings r where r.tenant_id = p_tenant;
    insert into routings (tenant_id, duty_pool_id, duty_member_ids, review_within_s, working_hours, holidays)
    values (
        p_tenant, v_routing ->> 'duty_pool', coalesce(texts(v_routing -> 'duty_members'), '{}'),
        coalesce((v_routing ->> 'review_within_s')::int, 259200), v_calendar -> 'working_hours',
        coalesce(texts(v_calendar -> 'holidays')::date[], '{}'));
    insert into routing_rules (
        tenant_id, place, kinds, segments, occasions, answer_within_s, expire_after_s, on_silence, clock)
    select
        p_tenant, x.place, texts(x.said -> 'kinds'), texts(x.said -> 'segments'), texts(x.said -> 'occasions'),
        coalesce((x.said ->> 'answer_within_s')::int, 14400), coalesce((x.said ->> 'expire_after_s')::int, 259200),
        coalesce(x.said ->> 'on_silence', 'EXPIRE'), coalesce(x.said ->> 'clock', 'ALWAYS')
    from (
        select r.place::int, r.said
        from jsonb_array_elements(coalesce(v_routing -> 'rules', '[]')) with ordinality r (said, place)
        union all
        select
            jsonb_array_length(coalesce(v_routing -> 'rules', '[]')) + 1,
            v_routing - array['kinds', 'segments', 'occasions']) x;

    perform check_routing(p_tenant);
end $$;
