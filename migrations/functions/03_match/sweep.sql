-- sweep: decides matched requests in memory, in the order of their arrival: what fits is added to what is used,
-- what does not is refused with every reason. p_out by element: APPROVED, PENDING_APPROVAL or DECLINED; null:
-- nothing to decide.
-- Promises: no statement per element, and the same answer for a request alone and in a batch. The counters are read
-- as they are: the answer binds where the caller locked them (admission), and informs where not (preview).
-- Callers: admit_once (after lock_counters, or for what no counter can mend), spend, preview, candidates. Locks: none.
-- Cost: a read per counter, 2 µs per element and limit, 10 µs per limit without room, and as much per counter for its words.
create or replace function sweep(p_tenant uuid, m matched[], out p_out text[], out p_why jsonb[])
language plpgsql stable
as $$
#variable_conflict error
declare
    v_time_zone text := (tenant_in_force(p_tenant)).time_zone;
    v_no int[];                         -- the counter's number, by element and limit; 0: a limit per gesture. No null among
                                        -- them: it would be looked for from the beginning of the array each time
    v_used bigint[];                    -- by the counter's number
    v_count int[];
    v_said jsonb[] := '{}'::jsonb[];    -- what a reason says of the limit, by the counter's number; null: not said yet
    v_words jsonb;
    v_limit limits;
    r matched;
    i int := 0;                         -- where the element's limits begin in v_no
    c int;
    v_used_now bigint;
    v_count_now int;
    v_fits boolean;
    v_is_hard boolean;
    v_can_anybody boolean;
begin
    if cardinality(m) = 1 then
        -- the counters of one request are all different: a look-up each costs less than to start the statement for many
        r := m[1];
        for j in 1 .. coalesce(cardinality(r.limits), 0) loop
            v_no[j] := case when r.windows[j] is null then 0 else j end;
            select x.held_minor + x.captured_minor, x.used_count into v_used_now, v_count_now
            from counters x
            where x.tenant_id = p_tenant
                and x.limit_id = r.limits[j]
                and x.subject = r.subjects[j]
                and x.window_on = r.windows[j];
            v_used[j] := coalesce(v_used_now, 0);
            v_count[j] := coalesce(v_count_now, 0);
        end loop;
    else
        with wanted as materialized (
            select x.ord, k.pos, k.limit_id, k.subject collate "C" subject, k.window_on,
                case when k.window_on is not null then dense_rank() over (
                    order by k.window_on is null, k.limit_id, k.subject collate "C", k.window_on) end no
            from unnest(m) x
            cross join lateral unnest(x.limits, x.subjects, x.windows) with ordinality k (limit_id, subject, window_on, pos)
            where x.known is null and x.faults is null),
        named as materialized (
            select distinct w.no, w.limit_id, w.subject, w.window_on from wanted w where w.no is not null),
        seen as (
            select n.no, coalesce(k.used, 0) used, coalesce(k.used_count, 0) used_count
            from named n
            left join lateral (
                select x.held_minor + x.captured_minor used, x.used_count
                from counters x
                where x.tenant_id = p_tenant
                    and x.limit_id = n.limit_id
                    and x.subject = n.subject
                    and x.window_on = n.window_on
                limit 1) k on true)
        select
            (select array_agg(coalesce(w.no, 0) order by w.ord, w.pos) from wanted w),
            (select array_agg(s.used order by s.no) from seen s),
            (select array_agg(s.used_count order by s.no) from seen s)
        into v_no, v_used, v_count;
    end if;

    p_out := array_fill(null::text, array[cardinality(m)]);
    p_why := array_fill(null::jsonb, array[cardinality(m)]);
    foreach r in array m loop
        continue when r.known is not null or r.faults is not null;
        v_fits := r.problems is null;
        -- what another decider can mend; everything else is the same whoever decides
        v_can_anybody := coalesce(r.problems <@ array[
            'NO_AUTHORITY', 'POLICY_NOT_WAIVABLE', 'BUDGET_NOT_ALLOWED', 'DUAL_CONTROL', 'BREAK_GLASS_NOT_ALLOWED'], true);
        if not v_fits then
            p_why[r.ord] := explain_problems(p_tenant, r);
        end if;

        for j in 1 .. coalesce(cardinality(r.limits), 0) loop
            continue when r.amounts[j] is null;         -- not offered in this currency: already said
            c := v_no[i + j];
            v_used_now := coalesce(v_used[c], 0);
            v_count_now := coalesce(v_count[c], 0);
            if v_used_now + r.amounts[j] > r.maxima[j] or v_count_now >= r.max_counts[j] then
                v_is_hard := v_used_now + r.amounts[j] > r.hards[j] or v_count_now >= r.hard_counts[j];
                v_can_anybody := v_can_anybody and not v_is_hard;
                v_fits := false;
                v_words := v_said[c];
                if v_words is null then
                    select l.* into v_limit from limits l where l.tenant_id = p_tenant and l.limit_id = r.limits[j];
                    v_words := words_of_limit(v_time_zone, v_limit, r.windows[j]);
                    if c > 0 then
                        v_said[c] := v_words;
                    end if;
                end if;
                -- passed above the decider's maximum and above hard_max: the ceiling is hard_max, which nobody passes;
                -- the largest is what the decider could give without asking anybody
                p_why[r.ord] := coalesce(p_why[r.ord], '[]')
                    || (jsonb_build_object('code', 'LIMIT_EXCEEDED', 'asked', r.amounts[j], 'is_hard', v_is_hard)
                    || v_words
                    || use_of_limit(
                        v_used_now, v_count_now,
                        case when v_is_hard then r.hards[j] else r.maxima[j] end,
                        case when v_is_hard then r.hard_counts[j] else r.max_counts[j] end,
                        case when v_count_now >= r.max_counts[j] then 0 else largest_amount(
                            r.maxima[j] - v_used_now, r.rates[j],
                            case when r.windows[j] is null then 0 else r.tolerance_bp end) end));
            end if;
        end loop;

        p_out[r.ord] := case when v_fits then 'APPROVED' when v_can_anybody then 'PENDING_APPROVAL' else 'DECLINED' end;
        if v_fits then
            for j in 1 .. cardinality(r.limits) loop
                c := v_no[i + j];
                continue when c = 0;
                v_used[c] := v_used[c] + r.amounts[j];
                v_count[c] := v_count[c] + 1;
            end loop;
        end if;
        i := i + coalesce(cardinality(r.limits), 0);
    end loop;
end $$;
