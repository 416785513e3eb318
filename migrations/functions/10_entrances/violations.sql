-- violations: how many counters and gestures of a tenant break what must always hold, by its number in the list of
-- promises: 1 no counter is above the ceiling of its last increase; 2 each is the sum of its holds; 3 a gesture holds as its
-- state says; 4 what was captured is within the hold. All must be 0. `largesse verify` looks harder and names what it finds.
-- Callers: largesse_app, for one tenant every 15 s per replica. Locks: none; it sees one moment.
-- Cost: 1 reads the tenant's counters, 3 and 4 its gestures from p_since on. 2 reads all of its gestures, and looks where
-- there are up to 20,000 of them: beyond that it says 0.
-- SQLSTATE: LG400 malformed.
create or replace function violations(p_tenant uuid, p_since timestamptz)
returns table (number int, count bigint)
language plpgsql stable security definer
set search_path = largesse, pg_temp
set jit = off
as $$
#variable_conflict error
declare
    c_small constant int := 20000;
    v_is_small boolean;
begin
    if p_tenant is null or p_since is null then
        raise 'of which tenant, and since when?' using errcode = 'LG400';
    end if;
    v_is_small := (
        select count(*) from (select from gestures g where g.tenant_id = p_tenant limit c_small + 1) x) <= c_small;
    return query
        select 1, count(*)
        from counters k
        where k.tenant_id = p_tenant
            and (k.held_minor < 0 or k.captured_minor < 0 or k.used_count < 0
                or k.held_minor + k.captured_minor > k.ceiling_minor or k.used_count > k.ceiling_count)
        union all
        select 2, count(*)
        from (select c.* from counters c where c.tenant_id = p_tenant) k
        full join (
            select h.limit_id, h.subject, h.window_on, sum(h.amount) held
            from gestures g
            cross join lateral unnest(g.charged_limits, g.charged_subjects, g.charged_windows, g.charged_minor)
                h (limit_id, subject, window_on, amount)
            where g.tenant_id = p_tenant and g.state in ('APPROVED', 'DISPATCHED') and h.window_on is not null
            group by 1, 2, 3) s
            on k.limit_id = s.limit_id and k.subject = s.subject and k.window_on = s.window_on
        where v_is_small and coalesce(k.held_minor, -1) is distinct from coalesce(s.held, 0)::bigint
        union all
        select 3, count(*)
        from gestures g
        where g.tenant_id = p_tenant and g.created_at >= p_since
            and case
                when g.state in ('APPROVED', 'DISPATCHED')
                    then g.charged_limits is not null and g.settled_at is null and g.captured_minor is null
                when g.state in ('DELIVERED', 'FAILED') then (g.charged_limits, g.settled_at, g.captured_minor) is not null
                when g.state = 'CANCELLED' then (g.charged_limits is null) = (g.settled_at is null)
                else g.charged_limits is null and g.settled_at is null and g.captured_minor is null
            end is not true
        union all
        select 4, count(*)
        from gestures g
        where g.tenant_id = p_tenant and g.created_at >= p_since and g.hold_minor is not null
            and (g.hold_minor >= g.amount_minor and coalesce(g.captured_minor between 0 and g.hold_minor, true)
                and coalesce(g.actual_minor >= g.captured_minor, true)) is not true;
end $$;
