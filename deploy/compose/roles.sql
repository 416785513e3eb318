-- What an administrator does once, before the first `largesse migrate`. The image of Postgres runs it in POSTGRES_DB, with psql.
\getenv app_password LARGESSE_APP_PASSWORD
create role largesse_owner nologin;
create role largesse_app login password :'app_password';
grant create on database largesse to largesse_owner;
