-- The trail: decision record, audit and outbox in the same rows; append-only, hashed per event and sealed per
-- batch.
--
-- Why batches are numbered under a lock: an identity or a transaction id would let a reader skip rows of
-- transactions that are still open. (batch_no, ordinal) is gapless and in commit order, so it can be followed as a
-- cursor.

-- What happened: to a gesture, or to the tenant (then without a gesture's id).
create table events (
    tenant_id uuid not null,
    batch_id uuid not null,
    ordinal int not null,                               -- its place in the batch, from 1
    gesture_id uuid,
    seq int,                                            -- its place in the gesture's life, from 1
    type text collate "C" not null,
    state text collate "C",                             -- of the gesture from now on
    actor text collate "C" not null,                    -- who did it
    authority text collate "C",                         -- in whose authority; null: nothing was decided by a person
    credential_id text collate "C",                     -- the jti of the token that spoke for the actor
    via text collate "C",                               -- the service that carried the call
    session_role text collate "C" not null,             -- the database's own word on who was connected, and from where
    session_address text collate "C" not null,
    at timestamptz not null,
    configuration_version int,
    amount_minor bigint,
    terms_digest bytea,
    sealed_hash bytea,                                  -- of the personal part, which can be erased
    facts json,                                         -- json, not jsonb: the hash covers the bytes that are stored
    hash bytea not null,
    primary key (tenant_id, batch_id, ordinal),
    constraint events_follow_each_other unique (tenant_id, gesture_id, seq),
    constraint events_are_of_a_gesture_or_the_tenant check (
        (gesture_id is null) = (seq is null) and (gesture_id is null) = (state is null)),
    constraint events_are_of_a_known_type check (type in (
        'APPROVED', 'PENDING_APPROVAL', 'DECLINED', 'CANCELLED', 'TOMBSTONE',
        'CONFIGURATION_APPLIED', 'AGENTS_PUT', 'AGENT_SUSPENDED', 'AGENT_REINSTATED',
        'GIVING_PAUSED', 'GIVING_RESUMED'))
);

-- Where a tenant's trail stands: one row, locked as the last step of every batch.
create table heads (
    tenant_id uuid not null,
    batch_no bigint not null,                           -- of the last batch; 0: none yet
    head bytea not null,                                -- the last batch's; before the first one sha256('')
    primary key (tenant_id)
) with (fillfactor = 20);

-- The sealed batches.
create table batches (
    tenant_id uuid not null,
    batch_no bigint not null,                           -- gapless, in commit order
    batch_id uuid not null,
    head bytea not null,                                -- the seal: sha256(the head before, the hashes)
    at timestamptz not null,
    primary key (tenant_id, batch_no),
    constraint batches_have_one_number unique (tenant_id, batch_id)
);

-- What is said of people, sealed under the customer's key; a row per event that says something.
-- No CHECK and no second key: an error would print the row.
create table personal (
    tenant_id uuid not null,
    gesture_id uuid not null,
    seq int not null,
    sealed bytea not null,
    primary key (tenant_id, gesture_id, seq)
);

-- A customer's key. Whoever destroys it has erased the customer.
create table customer_keys (
    tenant_id uuid not null,
    customer_id text collate "C" not null,
    key bytea not null,                                 -- 32 random bytes
    primary key (tenant_id, customer_id)
);
