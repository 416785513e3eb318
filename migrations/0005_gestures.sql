-- Gestures: one row per discretionary act, under the request's own id, and one per request that never arrived.
--
-- Why the primary key is made last: on a table that was never analysed the planner finds all indexes equally cheap and
-- takes the youngest. A look-up by id must then take the key: any other index would read the tenant's whole range.

create table gestures (
    tenant_id uuid not null,
    gesture_id uuid not null,                           -- the client's request id: known for ever, used once
    -- where it stands
    state text collate "C" not null,                    -- PENDING_APPROVAL APPROVED DECLINED CANCELLED, or TOMBSTONE
    seq int not null,                                   -- the number of its last event: the etag
    created_at timestamptz not null,
    updated_at timestamptz not null,
    -- what was asked; never changes
    digest_version smallint,                            -- how the two digests were made
    request_digest bytea,                               -- of the plain fields and the agent, for replays
    personal_digest bytea,                              -- of the personal ones, under the customer's key
    terms_digest bytea,                                 -- sha256 of both: what a decision is about
    requested_by text collate "C",                      -- of a tombstone: who asked what had become of it
    kind text collate "C",
    amount_minor bigint,
    currency text collate "C",
    customer_id text collate "C",
    segment text collate "C",
    case_id text collate "C",
    occasion text collate "C",
    budget_id text collate "C",                         -- the one charged, also where the request named none
    waived text collate "C" not null default '',        -- names of policies, a space between
    promise_by timestamptz,
    replaces uuid,                                      -- an earlier gesture for the same customer
    -- how it was decided
    decided_by text collate "C",                        -- null: by the rules alone
    authority text collate "C",                         -- whose maxima and counters were used
    decided_at timestamptz,                             -- null while the question is open
    configuration_version int,
    -- the hold: which counters, by how much, under which maxima, at which rates (null: nothing was converted)
    hold_minor bigint,                                  -- the amount and its tolerance, in the gesture's currency
    charged_limits int[],
    charged_subjects text[],
    charged_windows date[],                             -- null: a limit per gesture, which counts nothing
    charged_minor bigint[],
    charged_maxima bigint[],
    charged_rates numeric[],
    settled_at timestamptz,                             -- when the hold ended
    captured_minor bigint,                              -- what was spent of it, in the gesture's currency
    constraint gestures_are_in_a_known_state check (
        state in ('PENDING_APPROVAL', 'APPROVED', 'DECLINED', 'CANCELLED', 'TOMBSTONE')),
    constraint gestures_are_whole_or_tombstones check (
        requested_by is not null and (state = 'TOMBSTONE' or (
            request_digest is not null and personal_digest is not null and terms_digest is not null
            and kind is not null and currency is not null and customer_id is not null and budget_id is not null
            and configuration_version is not null and amount_minor between 1 and 1000000000000))),
    constraint gestures_hold_what_they_name check (state <> 'APPROVED' or charged_limits is not null),
    constraint gestures_capture_within_their_hold check (captured_minor between 0 and hold_minor)
) with (fillfactor = 90);

-- Lists are read newest first: these are scanned backwards.
create index gestures_of_a_customer on gestures (tenant_id, customer_id, created_at, gesture_id);
create index gestures_of_a_case on gestures (tenant_id, case_id, created_at, gesture_id) where case_id is not null;
create index gestures_of_an_agent on gestures (tenant_id, requested_by, created_at, gesture_id);
create index gestures_of_a_tenant on gestures (tenant_id, created_at, gesture_id);

alter table gestures add constraint gestures_answer_an_id_once primary key (tenant_id, gesture_id);
