-- What the pieces of the kernel hand to each other.
--
-- Why composite types: an array of them is the cheapest way from one statement of a batch to the next. They are a
-- numbered migration because `create or replace` cannot replace a type.

-- One request, as it was asked.
create type asked as (
    id uuid,
    agent text,
    kind text,
    amount bigint,
    currency text,
    customer_id text,
    segment text,
    case_id text,
    occasion text,
    budget_id text,
    waived text,
    promise_by timestamptz,
    replaces uuid,
    digest bytea,
    personal_digest bytea,
    sealed bytea,
    credential text,
    via text
);

-- One request after matching: what is wrong with it whatever the counters say, and what it would charge.
create type matched as (
    ord int,                                            -- its place in the batch, from 1
    id uuid,
    agent text,                                         -- who asks, and decides
    kind text,
    channel text,
    amount bigint,
    hold bigint,                                        -- the amount and its tolerance
    tolerance_bp int,
    currency text,
    customer_id text,
    segment text,
    case_id text,
    occasion text,
    budget_id text,                                     -- the one named, or the agent's own
    waived text,
    promise_by timestamptz,
    replaces uuid,
    digest bytea,
    personal_digest bytea,
    terms bytea,                                        -- sha256 of both digests
    sealed bytea,
    credential text,
    via text,
    version int,                                        -- of the configuration
    known text,                                         -- null: a new id; else FIRST_ANSWER, REUSED or TOMBSTONED
    faults text[],                                      -- why it cannot be answered at all; null: it can
    problems text[],                                    -- rules broken that no counter can mend; null: none
    is_misfit boolean,                                  -- asks more than some maximum, however little is used
    limits int[],                                       -- the limits that it would charge, in the order of their ids
    subjects text[],
    windows date[],                                     -- null: a limit per gesture, which has no counter
    amounts bigint[],                                   -- in the limit's currency; null: no rate
    rates numeric[],                                    -- null: nothing was converted
    maxima bigint[],
    max_counts int[],
    hards bigint[],
    hard_counts int[]
);

-- One event before it has a place in the trail.
create type happened as (
    gesture_id uuid,
    seq int,
    type text,
    state text,
    actor text,
    authority text,
    credential text,
    via text,
    version int,
    amount bigint,
    terms bytea,
    sealed bytea,
    facts jsonb
);
