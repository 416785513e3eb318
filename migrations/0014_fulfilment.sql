-- Fulfilment: an approved gesture is made real, its money follows, and what the customer was promised is watched.
--
-- Why a task stays when it is done: it is also the record of what was done, by whom and under which lease, and a report that
-- comes twice is held against it. What nobody is to take has no ready_at and stands in no index but the key.
--
-- Why what is dispatched is offered again one lead time later: a fulfiller that died in between had the only token, and
-- nobody else would ever ask what has become of the order.
--
-- Why a lease that ended needs no timer: its end is a time in the row, at which the next who asks for work may take it.

alter table gestures
    add column promise text collate "C",                -- PENDING AT_RISK LATE KEPT BROKEN; null: nothing is promised
    add column actual_minor bigint,                     -- what it cost in the end; above captured_minor: in question
    add column about uuid;                              -- the gesture whose cost in question this one accepted
alter table gestures
    drop constraint gestures_are_in_a_known_state,
    add constraint gestures_are_in_a_known_state check (state in (
        'PENDING_APPROVAL', 'APPROVED', 'DECLINED', 'RETURNED', 'CANCELLED', 'EXPIRED', 'DISPATCHED', 'DELIVERED',
        'FAILED', 'TOMBSTONE')),
    drop constraint gestures_hold_what_they_name,
    add constraint gestures_hold_what_they_name check (
        state not in ('APPROVED', 'DISPATCHED', 'DELIVERED', 'FAILED') or charged_limits is not null),
    add constraint gestures_promise_in_a_known_way check (
        promise in ('PENDING', 'AT_RISK', 'LATE', 'KEPT', 'BROKEN')),
    add constraint gestures_cost_what_was_captured_or_more check (actual_minor >= captured_minor);
-- what a manager looks for; everything else that is listed by its promise is read newest first
create index gestures_of_a_promise on gestures (tenant_id, promise, created_at, gesture_id)
    where promise in ('AT_RISK', 'LATE', 'BROKEN');
-- the key is the youngest index again (0005 says why)
alter table gestures drop constraint gestures_answer_an_id_once;
alter table gestures add constraint gestures_answer_an_id_once primary key (tenant_id, gesture_id);

drop index tasks_of_a_channel;
alter table tasks
    alter column ready_at drop not null,                -- when it may be taken: of a lease, its end; null: no more
    add column lease_no int not null default 0,         -- how often it was leased: the fencing token of the last lease
    add column leased_by text collate "C",              -- who has, or had, that lease; null: nobody, or given back
    add column leased_until timestamptz,                -- null: the lease is over, by a report or because there is none
    add column tries int not null default 0,            -- how often it failed
    add column failure text collate "C",                -- how it failed last, in a word of the fulfiller's
    add column order_ref text collate "C",              -- the fulfiller's own order, parcel, booking
    add column proof_ref text collate "C",              -- where the proof of delivery is
    add column dispatched_at timestamptz,
    add column delivered_at timestamptz;                -- as the fulfiller says
alter table tasks
    add constraint tasks_count_upwards check (lease_no >= 0 and tries >= 0),
    add constraint tasks_are_leased_to_somebody check (leased_until is null or leased_by is not null);
alter table tasks set (fillfactor = 70);
create index tasks_to_be_done on tasks (tenant_id, channel, ready_at) where ready_at is not null;
alter table tasks drop constraint tasks_are_one_per_gesture;
alter table tasks add constraint tasks_are_one_per_gesture primary key (tenant_id, gesture_id);

-- What somebody is to look at because it went wrong: a cost above the hold, a promise that was broken. Nobody waits for the
-- answer, so there is no deadline.
create table follow_ups (
    tenant_id uuid not null,
    gesture_id uuid not null,
    purpose text collate "C" not null,                  -- COST: who accepts it? PROMISE: what do we do now?
    agent_id text collate "C" not null,                 -- who is asked: the nearest active above who asked for the gesture
    opened_at timestamptz not null,
    opened_seq int not null,                            -- the event that opened it
    rest_minor bigint,                                  -- COST: what is in question
    closed_at timestamptz,                              -- null: open
    closed_by text collate "C",                         -- null: by itself, as nothing is in question any more
    answer_id uuid,                                     -- the gesture that answers it; null: none was made
    constraint follow_ups_are_for_a_purpose check (purpose in ('COST', 'PROMISE')),
    constraint follow_ups_question_money check ((purpose = 'COST') = (rest_minor is not null) and rest_minor >= 0)
) with (fillfactor = 80);
create index follow_ups_open on follow_ups (tenant_id, agent_id, opened_at, gesture_id, purpose) where closed_at is null;
alter table follow_ups add constraint follow_ups_are_one_per_purpose primary key (tenant_id, gesture_id, purpose);

alter table timers
    drop constraint timers_are_for_a_purpose,
    add constraint timers_are_for_a_purpose check (purpose in ('APPROVAL', 'PROMISE'));

alter table events
    drop constraint events_are_of_a_known_type,
    add constraint events_are_of_a_known_type check (type in (
        'APPROVED', 'PENDING_APPROVAL', 'DECLINED', 'CANCELLED', 'TOMBSTONE',
        'ASKED', 'REASSIGNED', 'FIRST_YES', 'RETURNED', 'REVISED', 'EXPIRED', 'REVIEWED',
        'DISPATCHED', 'DELIVERED', 'COST_CORRECTED', 'TRY_FAILED', 'FAILED', 'COST_ACCEPTED', 'REST_ACCEPTED',
        'PROMISE_AT_RISK', 'PROMISE_LATE', 'PROMISE_KEPT', 'PROMISE_BROKEN', 'FOLLOW_UP_CLOSED', 'OUTCOME_RECORDED',
        'CONFIGURATION_APPLIED', 'AGENTS_PUT', 'AGENT_SUSPENDED', 'AGENT_REINSTATED',
        'GIVING_PAUSED', 'GIVING_RESUMED', 'DELEGATION_MADE', 'DELEGATION_REVOKED', 'AWAY_SET'));

-- What cancelling costs once it was dispatched, in 1/10,000 of the amount; null: it cannot be cancelled then.
alter table catalog_items
    add column late_cancel_bp int,
    add constraint catalog_items_charge_at_most_their_price check (late_cancel_bp between 0 and 10000);

-- One report of a fulfiller.
create type reported as (
    id uuid,
    type text,                                          -- DISPATCHED, DELIVERED, FAILED (for good) or TRY_FAILED
    actor text,
    token int,                                          -- of the lease under which it was done
    cost bigint,                                        -- what the vendor charges, in the gesture's currency
    currency text,
    at timestamptz,                                     -- when it happened; of TRY_FAILED: not again before; null: now
    reference text,                                     -- the order, or the proof of delivery
    failure text,                                       -- why not, in a word
    credential text,
    via text
);

-- `release` gave back and captured nothing; what ends a hold is now `end_holds`.
drop function if exists release(uuid, uuid[]);

-- An answer says through which channel it will be made real. Nothing was released before this migration either.
drop function if exists admit(
    uuid, uuid[], text[], text[], bigint[], text[], text[], text[], text[], text[], text[], text[], timestamptz[], uuid[],
    bytea[], bytea[], bytea[], text[], text[], boolean[], text[]);
drop function if exists admit_once(uuid, boolean, asked[]);
drop function if exists answers_of(uuid, timestamptz, matched[], text[], jsonb[]);
