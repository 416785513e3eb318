-- check_steps: a batch of steps can be one at all. Callers: ask. Pure. SQLSTATE: LG400 malformed.
create or replace function check_steps(
    p_id uuid[], p_step int[], p_agents text[], p_how text[], p_answer_by timestamptz[], p_due_at timestamptz[],
    p_expires_at timestamptz[]) returns void
language plpgsql stable
as $$
#variable_conflict error
declare
    v_n int := coalesce(cardinality(p_id), 0);
begin
    if v_n not between 1 and 512 or (select count(distinct x.id) from unnest(p_id) x (id)) <> v_n then
        raise 'a batch has 1 to 512 ids, each once' using errcode = 'LG400';
    end if;
    if (v_n, v_n, v_n, v_n, v_n, v_n) is distinct from (cardinality(p_step), cardinality(p_agents), cardinality(p_how),
        cardinality(p_answer_by), cardinality(p_due_at), cardinality(p_expires_at)) then
        raise 'the arrays of a batch are of one length' using errcode = 'LG400';
    end if;
    if exists (
        select from unnest(p_step, p_agents, p_how, p_answer_by, p_due_at, p_expires_at)
            q (step, agents, how, answer_by, due_at, expires_at)
        where (
                q.step >= 0
                and cardinality(string_to_array(q.agents, ' ')) = cardinality(string_to_array(q.how, ' '))
                and isfinite(q.answer_by)
                and coalesce(isfinite(q.due_at), true)
                and coalesce(isfinite(q.expires_at), true)
            ) is not true) then
        raise 'whom, how, and until when?' using errcode = 'LG400';
    end if;
end $$;
