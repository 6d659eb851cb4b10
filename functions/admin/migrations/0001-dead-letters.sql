-- Up Migration
-- Parked events and dead letters of every context, as they came, for operators.
create table dead_letters (
  position bigint generated always as identity primary key,
  id uuid not null unique,
  kind text not null check (kind in ('parked', 'dead-lettered')),
  state text not null default 'waiting' check (state in ('waiting', 'redriven')),
  function text not null,
  event_id text not null,
  event_type text not null,
  tenant uuid,
  ordering_key text,
  key_waits boolean not null,
  error text not null,
  attributes jsonb not null,
  data text not null,
  failed_at timestamptz not null,
  redrives int not null default 0,
  last_redriven_at timestamptz,
  last_redriven_by text,
  unique (function, event_id)
);
create index dead_letters_waiting on dead_letters (position) where state = 'waiting';
select declare_global_table('dead_letters', 'operators see what failed for every organisation, and for none; only platform-admin reads it');

-- Down Migration
drop table dead_letters;
