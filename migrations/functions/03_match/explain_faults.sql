-- explain_faults: why one request cannot be answered at all: a json array, one reason for each fault, and one for
-- each policy that nobody knows, and each field that the recipient lacks. Callers: answers_of, preview, admit_again,
-- judge_yes. Locks: none. Cost: a look-up or none; paid only for an invalid request.
create or replace function explain_faults(p_tenant uuid, r matched) returns jsonb
language plpgsql stable
as $$
#variable_conflict error
declare
    v_tenant tenants := tenant_in_force(p_tenant);
begin
    return (
        select coalesce(jsonb_agg(d.reason order by f.ord, d.policy collate "C"), '[]')
        from unnest(r.faults) with ordinality f (code, ord)
        cross join lateral (
            select '' policy, jsonb_build_object('code', f.code) || case f.code
                when 'KIND_UNKNOWN' then jsonb_build_object('kind', r.kind)
                when 'BUDGET_UNKNOWN' then jsonb_build_object('budget', r.budget_id)
                when 'SEGMENT_UNKNOWN' then jsonb_build_object('segment', r.segment)
                when 'OCCASION_UNKNOWN' then jsonb_build_object('occasion', r.occasion)
                when 'RATE_MISSING' then jsonb_build_object('currency', r.currency, 'to', (
                    select min(l.currency)
                    from unnest(r.limits, r.amounts) c (limit_id, amount)
                    join limits l on l.tenant_id = p_tenant and l.limit_id = c.limit_id
                    where c.amount is null))
                when 'REPLACES_UNKNOWN' then jsonb_build_object('replaces', r.replaces)
                else '{}'
            end reason
            where f.code not in ('POLICY_UNKNOWN', 'RECIPIENT_MISSING')
            union all
            select distinct w.policy, jsonb_build_object('code', f.code, 'policy', w.policy)
            from unnest(string_to_array(r.waived, ' ')) w (policy)
            where f.code = 'POLICY_UNKNOWN' and w.policy <> all (v_tenant.policies)
            union all
            select n.field, jsonb_build_object('code', f.code, 'field', n.field, 'kind', r.kind)
            from catalog_items i
            cross join unnest(i.recipient_fields) n (field)
            where f.code = 'RECIPIENT_MISSING'
                and i.tenant_id = p_tenant
                and i.kind = r.kind
                and i.currency = r.currency
                and n.field <> all (string_to_array(r.recipient, ' '))
        ) d);
end $$;
