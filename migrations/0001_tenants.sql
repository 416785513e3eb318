-- Tenants: the unit of isolation, of configuration and of sharding.
--
-- Why this comes first: every key of every later table begins with tenant_id. The one exception is tenant_names, which
-- finds the tenant of a name before anybody knows the id; it is small, rarely written, and nothing refers to it.
--
-- Functions are closed to PUBLIC from the moment of their creation. Which ones largesse_app may call is said in
-- functions/9_fences/grants.sql and nowhere else.

alter default privileges revoke execute on functions from public;

-- A brand or business unit, with the part of its configuration that every decision reads.
create table tenants (
    tenant_id uuid not null,
    name text collate "C" not null,                     -- as credentials and the document name it
    time_zone text not null,                            -- IANA; windows are calendar windows in it
    week_starts_on int not null,                        -- ISO: 1 is Monday, 7 is Sunday
    configuration_version int not null,                 -- in force; 0 only while the first one is being applied
    rate_max_age_days int not null,                     -- how old an exchange rate may be
    policies text[] not null default '{}',              -- every company rule that has a name
    segments text[] not null default '{}',              -- what a gesture may say of the customer
    occasions text[] not null default '{}',             -- what a gesture may say of the moment
    primary key (tenant_id),
    constraint tenants_start_their_week_on_a_day check (week_starts_on between 1 and 7),
    constraint tenants_count_versions_upwards check (configuration_version >= 0),
    constraint tenants_let_rates_live_days check (rate_max_age_days between 0 and 366)
);

-- Which tenant a name means. The only table without tenant_id in its key, and the only one read without naming a
-- tenant.
create table tenant_names (
    name text collate "C" not null,                     -- unique in the whole installation, never given again
    tenant_id uuid not null,
    primary key (name),
    constraint tenant_names_can_be_typed check (name ~ '^[!-~]{1,128}$')
);
