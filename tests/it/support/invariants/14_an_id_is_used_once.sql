-- The request id is the primary key; whatever the trail says of an id, the id is taken, by who took it first.
select 'gestures: (tenant_id, gesture_id) is not the primary key'
where not exists (
    select from pg_constraint c
    where c.conrelid = 'largesse.gestures'::regclass and c.contype = 'p' and pg_get_constraintdef(c.oid)
        = 'PRIMARY KEY (tenant_id, gesture_id)')
union all
select format('the trail knows %s, and the id is free', e.gesture_id)
from largesse.events e
where e.gesture_id is not null
    and not exists (select from largesse.gestures g where g.tenant_id = e.tenant_id and g.gesture_id = e.gesture_id)
union all
select format('gesture %s has no digest to compare a retry with', g.gesture_id)
from largesse.gestures g
where g.state <> 'TOMBSTONE'
    and (g.digest_version is null or g.request_digest is null or g.personal_digest is null)
