-- Up Migration

create table instruments (
  instrument text primary key,
  version int not null,
  tradable boolean not null,
  venue text not null,
  currency text not null,
  multiplier numeric not null
);
select declare_global_table('instruments', 'what market lists belongs to no tenant');

-- A halt is in force while its epoch is above the last one cleared. Both only ever rise, so that the news of a halt and of its end
-- have the same effect in whichever order they arrive.
create table halts (
  tenant uuid not null default current_tenant() primary key,
  epoch int not null default 0,
  cleared_epoch int not null default 0,
  reason text,
  halted_at timestamptz
);
select protect_tenant_table('halts');

create table orders (
  tenant uuid not null default current_tenant(),
  order_id uuid not null,
  approval_id uuid,
  exit_id uuid,
  position_id uuid,
  venue text not null,
  instrument text not null,
  book text not null,
  purpose text not null check (purpose in ('HEDGE', 'STRATEGY')),
  side text not null check (side in ('BUY', 'SELL')),
  order_type text not null check (order_type in ('MARKET', 'LIMIT')),
  time_in_force text not null check (time_in_force in ('DAY', 'GTC', 'IOC')),
  quantity numeric not null check (quantity > 0),
  limit_price numeric check ((limit_price is not null) = (order_type = 'LIMIT')),
  currency text not null,
  multiplier numeric not null,
  volatility double precision not null,
  -- The halt epoch it was decided in: a later halt refuses it, also once that halt is over.
  halt_epoch int not null,
  decided_sequence bigint not null,
  decided_at timestamptz not null,
  status text not null default 'INTENDED'
    check (status in ('INTENDED', 'WORKING', 'PARTIALLY_FILLED', 'FILLED', 'CANCELLED', 'EXPIRED', 'FAILED')),
  -- The latest bar that changed it: a decision on a bar looks at orders as they were before that bar.
  changed_sequence bigint not null,
  filled numeric not null default 0 check (filled >= 0),
  withdrawn numeric not null default 0 check (withdrawn >= 0),
  failure_reason text,
  failure_detail text,
  -- Why its cancellation was decided; set once.
  cancel_cause text check (cancel_cause in ('halt', 'requested', 'superseded')),
  primary key (tenant, order_id),
  unique (tenant, approval_id),
  unique (tenant, exit_id),
  check (filled + withdrawn <= quantity),
  check ((approval_id is null) <> (exit_id is null))
);
create index orders_by_decision on orders (tenant, decided_at desc, order_id desc);
create index open_orders on orders (tenant, instrument) where status in ('INTENDED', 'WORKING', 'PARTIALLY_FILLED');
create index orders_by_change on orders (tenant, instrument, changed_sequence);
select protect_tenant_table('orders');

create table fills (
  tenant uuid not null default current_tenant(),
  fill_id text not null,
  order_id uuid not null,
  quantity numeric not null check (quantity > 0),
  price numeric not null,
  fee numeric not null,
  currency text not null,
  filled_sequence bigint not null,
  filled_at timestamptz not null,
  primary key (tenant, fill_id),
  foreign key (tenant, order_id) references orders (tenant, order_id)
);
create index fills_by_order on fills (tenant, order_id);
select protect_tenant_table('fills');

-- Down Migration
drop table fills, orders, halts, instruments;
