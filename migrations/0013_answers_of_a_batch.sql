-- A batch is answered element by element, and held against what the catalog demands of a recipient.
--
-- Why the names of the fields that are there, and not the fields: what is personal is sealed before it comes here. Which
-- fields a kind demands is a rule of the configuration, and must be read in the same snapshot as every other rule.

-- Nothing was released before this migration either: types and signatures change in place once more.
-- recipient: the names of the fields that are there, a space between; null: they are not looked at.
alter type asked add attribute recipient text;
alter type matched add attribute recipient text;
drop function if exists admit(
    uuid, uuid[], text[], text[], bigint[], text[], text[], text[], text[], text[], text[], text[], timestamptz[], uuid[],
    bytea[], bytea[], bytea[], text[], text[], boolean[]);
drop function if exists admit_once(uuid, boolean, asked[]);
drop function if exists exceptions_of(uuid, matched[], text[], jsonb[]);
drop function if exists preview(
    uuid, text, text, bigint, text, text, text, text, text, text, text, timestamptz, uuid, boolean);
drop function if exists revise(
    uuid, uuid, text, int, int, text, bigint, text, text, text, text, text, text, text, timestamptz, uuid, bytea, bytea,
    bytea, boolean, text, text);
drop function if exists customer_key(uuid, text, bytea);
