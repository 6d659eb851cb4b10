-- Up Migration
-- What every context has in its own schema. The owner role runs this; the login role has the schema's name, and
-- <schema>_outbox is the narrow role that sends and sweeps across tenants.

create function current_tenant() returns uuid language sql stable as $$
  select nullif(current_setting('app.tenant', true), '')::uuid
$$;

-- A table whose rows belong to tenants: nobody, the owner included, sees or writes a row of another tenant, or any without one.
create function protect_tenant_table(name text) returns void language plpgsql as $$
begin
  execute format('alter table %I enable row level security', name);
  execute format('alter table %I force row level security', name);
  execute format('create policy own_tenant on %I using (tenant = current_tenant()) with check (tenant = current_tenant())', name);
  execute format('grant select, insert, update, delete on %I to %I', name, current_schema());
end
$$;

-- A table that belongs to no tenant, with the reason why it may.
create function declare_global_table(name text, reason text) returns void language plpgsql as $$
begin
  execute format('comment on table %I is %L', name, 'global: ' || reason);
  execute format('grant select, insert, update, delete on %I to %I', name, current_schema());
end
$$;

-- A table of core's own whose rows belong to a tenant or to none: each sees its own kind only.
-- The sending role sees all of it.
create function protect_core_table(name text, sending_rights text) returns void language plpgsql as $$
begin
  execute format('alter table %I enable row level security', name);
  execute format('alter table %I force row level security', name);
  execute format('create policy own_tenant on %I to %I using (tenant is not distinct from current_tenant()) with check (tenant is not distinct from current_tenant())', name, current_schema());
  execute format('create policy every_tenant on %I to %I using (true)', name, current_schema() || '_outbox');
  execute format('grant select, insert, update, delete on %I to %I', name, current_schema());
  execute format('grant %s on %I to %I', sending_rights, name, current_schema() || '_outbox');
end
$$;

create table outbox_heads (
  ordering_key text primary key,
  -- The last number given, and the last of those that Pub/Sub has: equal while nothing of the key waits.
  sequence bigint not null,
  sent bigint not null default 0
) with (fillfactor = 50);
select declare_global_table('outbox_heads', 'sequence numbers of each ordering key, and the lock that serialises its commits');

create table outbox (
  position bigint generated always as identity primary key,
  batch uuid not null,
  tenant uuid,
  topic text not null,
  ordering_key text,
  sequence bigint,
  attributes jsonb not null,
  data text not null,
  created_at timestamptz not null default now()
);
create index outbox_by_key on outbox (ordering_key, sequence) where ordering_key is not null;
create index outbox_by_batch on outbox (batch);
alter table outbox enable row level security;
alter table outbox force row level security;

-- The handler's role may add rows for any tenant (a global event fans out to many) and see none.
do $$
begin
  execute format('create policy adds on outbox for insert to %I with check (true)', current_schema());
  execute format('create policy sends on outbox to %I using (true)', current_schema() || '_outbox');
  execute format('grant insert on outbox to %I', current_schema());
  execute format('grant select, update, delete on outbox to %I', current_schema() || '_outbox');
  execute format('grant select, update on outbox_heads to %I', current_schema() || '_outbox');
  execute format('grant usage on schema %I to %I, %I', current_schema(), current_schema(), current_schema() || '_outbox');
end
$$;

-- Adds events to the outbox. Ordered ones take the next numbers of their key under its head row's lock, held until commit: commits
-- of one key are serial, and number order is commit order. Keys are taken in sorted order, so that two of these never deadlock.
-- Answers each key's last number, and whether nothing earlier of it waits to be sent.
create function enqueue(batch_id uuid, events jsonb)
returns table (ordering_key text, sequence bigint, clear boolean) language sql as $$
  with incoming as (
    select e.*, row_number() over (partition by e."orderingKey" order by e.place) as number_in_key
    from (
      select r.*, row_number() over () as place
      from jsonb_to_recordset(events) as r(tenant uuid, topic text, "orderingKey" text, attributes jsonb, data text)
    ) e
  ),
  counted as (
    select "orderingKey", count(*) as total from incoming where "orderingKey" is not null group by 1 order by 1
  ),
  heads as (
    insert into outbox_heads as head (ordering_key, sequence)
    select "orderingKey", total from counted
    on conflict (ordering_key) do update set sequence = head.sequence + excluded.sequence
    returning ordering_key, sequence, sent
  ),
  written as (
    insert into outbox (batch, tenant, topic, ordering_key, sequence, attributes, data)
    select batch_id, i.tenant, i.topic, i."orderingKey", h.sequence - c.total + i.number_in_key,
      case when h.sequence is null then i.attributes
        else i.attributes || jsonb_build_object('ce-sequence', (h.sequence - c.total + i.number_in_key)::text) end,
      i.data
    from incoming i
    left join counted c on c."orderingKey" = i."orderingKey"
    left join heads h on h.ordering_key = i."orderingKey"
    order by i.place
  )
  select h.ordering_key, h.sequence, h.sent = h.sequence - c.total
  from heads h join counted c on c."orderingKey" = h.ordering_key
$$;

-- Removes what Pub/Sub has, and notes per key how far that is. Heads are locked first, in sorted order, as everywhere: whoever sends a
-- key's rows holds its head while it deletes them.
create function clear_sent(batches uuid[], positions bigint[]) returns void language plpgsql as $$
begin
  perform 1 from outbox_heads h where h.ordering_key in (
    select o.ordering_key from outbox o where o.batch = any(batches) or o.position = any(positions)
  ) order by h.ordering_key for update;
  with gone as (
    delete from outbox o where o.batch = any(batches) or o.position = any(positions) returning o.ordering_key, o.sequence
  ),
  last as (
    select g.ordering_key, max(g.sequence) as sequence from gone g where g.ordering_key is not null group by 1
  )
  update outbox_heads h set sent = greatest(h.sent, last.sequence) from last where h.ordering_key = last.ordering_key;
end
$$;

-- Locks the heads of these keys, in sorted order, and returns every unsent row of theirs and of these batches, in order.
-- After the lock is granted a new snapshot is taken, so rows that a slower twin committed meanwhile are among them and go first.
create function claim(keys text[], batches uuid[]) returns setof outbox language plpgsql as $$
begin
  perform 1 from outbox_heads where ordering_key = any(keys) order by ordering_key for update;
  return query select * from outbox where ordering_key = any(keys) order by ordering_key, sequence;
  return query select * from outbox where batch = any(batches) and ordering_key is null order by position for update skip locked;
end
$$;

create table inbox (
  function text not null,
  event_id text not null,
  received_at timestamptz not null default now(),
  primary key (function, event_id)
);
select declare_global_table('inbox', 'which event ids each function has processed; no payload');

create table parked_events (
  position bigint generated always as identity primary key,
  tenant uuid,
  function text not null,
  event_id text not null,
  ordering_key text,
  key_waits boolean not null,
  -- Null for an event that only waits behind another of its key.
  error text,
  attributes jsonb not null,
  data text not null,
  parked_at timestamptz not null default now(),
  released_at timestamptz,
  unique (function, event_id)
);
create index parked_keys on parked_events (function, ordering_key, position) where released_at is null and key_waits;
select protect_core_table('parked_events', 'select');

create table failures (
  tenant uuid,
  function text not null,
  event_id text not null,
  attempts int not null default 1,
  last_error text not null,
  last_failed_at timestamptz not null default now(),
  primary key (function, event_id)
);
select protect_core_table('failures', 'select');

-- Whether an earlier event of this key is set aside.
create function key_waits(function_name text, id text, key text) returns boolean language sql stable as $$
  select exists (
    select from parked_events p
    where p.function = function_name and p.ordering_key = key and p.released_at is null and p.key_waits and p.event_id <> id
  )
$$;

-- Opens an event's transaction: sets the tenant and takes the inbox row. A twin that is still working on the same event is waited for.
create function receive(function_name text, id text, key text, tenant_id text, redriven boolean) returns text language plpgsql as $$
begin
  perform set_config('app.tenant', coalesce(tenant_id, ''), true);
  if key is not null and not redriven and key_waits(function_name, id, key) then
    return 'key-waits';
  end if;
  insert into inbox (function, event_id) values (function_name, id) on conflict do nothing;
  if not found then
    return 'done';
  end if;
  if redriven then
    update parked_events p set released_at = now() where p.function = function_name and p.event_id = id;
  end if;
  return 'accepted';
end
$$;

create table idempotency_keys (
  tenant uuid,
  operation text not null,
  caller text not null,
  key text not null,
  request_hash text not null,
  status int not null,
  response jsonb,
  created_at timestamptz not null default now(),
  unique nulls not distinct (tenant, operation, caller, key)
);
select protect_core_table('idempotency_keys', 'select, delete');

-- Opens a request's transaction: sets the tenant and, where the request has a key, waits for a twin and returns what it was answered.
create function open_request(tenant_id text, operation_key text, caller_id text, idempotency_key text)
returns table (request_hash text, status int, response jsonb) language plpgsql as $$
begin
  perform set_config('app.tenant', coalesce(tenant_id, ''), true);
  if idempotency_key is null then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended(concat_ws('|', tenant_id, operation_key, caller_id, idempotency_key), 0));
  return query select k.request_hash, k.status, k.response from idempotency_keys k
    where k.tenant is not distinct from current_tenant() and k.operation = operation_key and k.caller = caller_id and k.key = idempotency_key;
end
$$;

create table effects (
  tenant uuid,
  name text not null,
  client_id text not null,
  -- The function and the cause that intended it: a redelivery of that cause takes up what is unfinished.
  function text not null,
  cause text not null,
  caused_at timestamptz not null,
  traceparent text not null,
  request jsonb not null,
  state text not null default 'intended' check (state in ('intended', 'settled', 'stuck')),
  attempts int not null default 0,
  leased_until timestamptz,
  last_error text,
  outcome jsonb,
  intended_at timestamptz not null default now(),
  settled_at timestamptz,
  primary key (name, client_id)
);
create index unsettled_effects on effects (cause) where state = 'intended';
select protect_core_table('effects', 'select');

-- Opens the transaction that takes an effect up: sets the tenant and takes the lease, or says why it is not to be had.
create function take_effect(tenant_id text, effect text, id text, lease_seconds int) returns text language plpgsql as $$
begin
  perform set_config('app.tenant', coalesce(tenant_id, ''), true);
  update effects e set attempts = e.attempts + 1, leased_until = now() + make_interval(secs => lease_seconds)
    where e.name = effect and e.client_id = id and e.state = 'intended' and coalesce(e.leased_until <= now(), true);
  if found then
    return 'taken';
  end if;
  if exists (select 1 from effects e where e.name = effect and e.client_id = id and e.state = 'intended') then
    return 'elsewhere';
  end if;
  return 'settled';
end
$$;

-- Opens the transaction that commits an effect's outcome; false where somebody else has.
create function settle_effect(tenant_id text, effect text, id text, result jsonb) returns boolean language plpgsql as $$
begin
  perform set_config('app.tenant', coalesce(tenant_id, ''), true);
  update effects e set state = 'settled', outcome = result, settled_at = now()
    where e.name = effect and e.client_id = id and e.state = 'intended';
  return found;
end
$$;

-- What an open handler asks before it starts, since its inbox row goes in last.
create function peek(function_name text, id text, key text, tenant_id text, redriven boolean) returns text language plpgsql as $$
begin
  perform set_config('app.tenant', coalesce(tenant_id, ''), true);
  if exists (select 1 from inbox i where i.function = function_name and i.event_id = id) then
    return 'done';
  end if;
  if key is not null and not redriven and key_waits(function_name, id, key) then
    return 'key-waits';
  end if;
  return 'accepted';
end
$$;

create table timers (
  tenant uuid,
  name text not null,
  key text not null,
  due timestamptz not null,
  data jsonb not null,
  traceparent text not null,
  unique nulls not distinct (tenant, name, key)
);
create index timers_by_due on timers (due);
select protect_core_table('timers', 'select');

create table quota_windows (
  subject text not null,
  window_start timestamptz not null,
  leased int not null,
  primary key (subject, window_start)
);
select declare_global_table('quota_windows', 'requests leased to instances, by user or key; no content');

-- Leases up to `wanted` requests of a subject's window, and returns how many were granted.
create function lease_quota(subject_id text, window_at timestamptz, wanted int, allowed int) returns int language plpgsql as $$
declare
  already int;
  granted int;
begin
  insert into quota_windows (subject, window_start, leased) values (subject_id, window_at, 0) on conflict do nothing;
  select leased into already from quota_windows where subject = subject_id and window_start = window_at for update;
  granted := greatest(0, least(wanted, allowed - already));
  update quota_windows set leased = leased + granted where subject = subject_id and window_start = window_at;
  return granted;
end
$$;

-- Down Migration
drop function lease_quota, open_request, peek, settle_effect, take_effect, receive, key_waits, claim, clear_sent, enqueue;
drop table quota_windows, timers, effects, idempotency_keys, failures, parked_events, inbox, outbox, outbox_heads;
drop function protect_core_table, declare_global_table, protect_tenant_table, current_tenant;
