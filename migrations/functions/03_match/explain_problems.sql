-- explain_problems: the reasons for the rules that one request breaks whatever the counters say: a json array, one
-- reason for each rule, and one for each policy. Callers: sweep. Locks: none. Cost: two look-ups; paid only for a
-- "no".
create or replace function explain_problems(p_tenant uuid, r matched) returns jsonb
language plpgsql stable
as $$
#variable_conflict error
begin
    return (
        select coalesce(jsonb_agg(d.reason order by p.ord, d.policy collate "C"), '[]')
        from unnest(r.problems) with ordinality p (code, ord)
        cross join lateral (
            select '' policy, jsonb_build_object('code', p.code) || case p.code
                when 'KIND_NOT_OFFERED' then jsonb_build_object('kind', r.kind, 'currency', r.currency)
                when 'NO_AUTHORITY' then jsonb_build_object('kind', r.kind)
                when 'PAUSED' then jsonb_build_object('kind', r.kind)
                when 'OWN_ACCOUNT' then jsonb_build_object('own', 'requester')
                when 'BUDGET_NOT_ALLOWED' then jsonb_build_object('budget', r.budget_id)
                when 'AMOUNT_OUT_OF_RANGE' then (
                    select jsonb_build_object(
                        'kind', r.kind, 'asked', r.amount, 'currency', r.currency,
                        'min_minor', i.min_minor, 'max_minor', i.max_minor)
                    from catalog_items i
                    where i.tenant_id = p_tenant and i.kind = r.kind and i.currency = r.currency)
                when 'DUAL_CONTROL' then (
                    select jsonb_build_object(
                        'kind', r.kind, 'asked', r.amount, 'ceiling', i.dual_minor, 'currency', r.currency)
                    from catalog_items i
                    where i.tenant_id = p_tenant and i.kind = r.kind and i.currency = r.currency)
                else '{}'
            end reason
            where p.code <> 'POLICY_NOT_WAIVABLE'
            union all
            select distinct w.policy, jsonb_build_object('code', p.code, 'policy', w.policy)
            from unnest(string_to_array(r.waived, ' ')) w (policy)
            where p.code = 'POLICY_NOT_WAIVABLE'
                and w.policy <> all ((
                    select u.policies
                    from agents a
                    join authorities u on u.tenant_id = p_tenant and u.authority_id = a.authority_id
                    where a.tenant_id = p_tenant and a.agent_id = r.agent)::text[])
        ) d);
end $$;
