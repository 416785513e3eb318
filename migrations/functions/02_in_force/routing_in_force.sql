-- routing_in_force: the rule by which a gesture's question is asked: the first of the tenant's rules that matches. Without
-- a section `routing` (a tenant of an older release) what that section would say of itself: 4 hours for each, 72 hours in
-- all, and silence ends the question.
-- Callers: routing_of, ask, lapse, decide. Locks: none. Cost: two look-ups.
create or replace function routing_in_force(p_tenant uuid, p_kind text, p_segment text, p_occasion text)
returns table (answer_within_s int, expire_after_s int, on_silence text, clock text, review_within_s int, duty_pool_id text)
language plpgsql stable
as $$
#variable_conflict error
begin
    return query
        select
            coalesce(x.answer_within_s, 14400), coalesce(x.expire_after_s, 259200), coalesce(x.on_silence, 'EXPIRE'),
            coalesce(x.clock, 'ALWAYS'), coalesce(w.review_within_s, 259200), w.duty_pool_id
        from (select 1) one
        left join lateral (
            select r.* from routing_rules r
            where r.tenant_id = p_tenant
                and (r.kinds is null or p_kind = any (r.kinds))
                and (r.segments is null or p_segment = any (r.segments))
                and (r.occasions is null or p_occasion = any (r.occasions))
            order by r.place
            limit 1) x on true
        left join lateral (select r.* from routings r where r.tenant_id = p_tenant limit 1) w on true;
end $$;
