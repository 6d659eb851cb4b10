-- Up Migration
-- Modes are data: a new mode is a row, and so is a new edition of one. A decision goes by the row that was valid at its bar's time.
create table modes (
  mode text not null,
  valid_from date not null,
  size_multiplier numeric not null check (size_multiplier >= 0),
  minimum_confidence numeric not null check (minimum_confidence between 0 and 1),
  permits_increase boolean not null,
  needs_second_person boolean not null,
  limits jsonb not null,
  primary key (mode, valid_from)
);
select declare_global_table('modes', 'modes and their limits are the platform''s, the same for every tenant');

-- Valid from before the oldest prices there are, so that a replay of any history finds them.
insert into modes (mode, valid_from, size_multiplier, minimum_confidence, permits_increase, needs_second_person, limits) values
  ('AGGRESSIVE', '1970-01-01', 1.5, 0.5, true, true,
    '{"maxOrderLots": "50", "maxPositionLots": "100", "maxNotional": "25000000", "maxOrdersPerBar": "10", "maxDrawdown": "0.35", "maxDailyLoss": "2000000", "maxLossStreak": "15", "maxSignalAgeBars": "1000"}'),
  ('NORMAL', '1970-01-01', 1, 0.6, true, false,
    '{"maxOrderLots": "20", "maxPositionLots": "50", "maxNotional": "10000000", "maxOrdersPerBar": "4", "maxDrawdown": "0.25", "maxDailyLoss": "1000000", "maxLossStreak": "10", "maxSignalAgeBars": "250"}'),
  ('DEFENSIVE', '1970-01-01', 0.5, 0.7, true, false,
    '{"maxOrderLots": "5", "maxPositionLots": "10", "maxNotional": "2500000", "maxOrdersPerBar": "2", "maxDrawdown": "0.1", "maxDailyLoss": "250000", "maxLossStreak": "5", "maxSignalAgeBars": "50"}');

-- What a new tenant begins with.
create table starting_policies (
  valid_from date primary key,
  mode text not null,
  limits jsonb not null
);
select declare_global_table('starting_policies', 'what every new tenant begins with');

insert into starting_policies (valid_from, mode, limits) values
  ('1970-01-01', 'NORMAL',
    '{"maxOrderLots": "50", "maxPositionLots": "100", "maxNotional": "25000000", "maxOrdersPerBar": "10", "maxDrawdown": "0.35", "maxDailyLoss": "2000000", "maxLossStreak": "15", "maxSignalAgeBars": "1000"}');

-- One row a tenant: decisions read it `for share`, whoever changes it takes it `for update`, so a halt waits for the decisions under way
-- and every later one sees it.
create table policies (
  tenant uuid primary key default current_tenant(),
  version int not null,
  mode text not null,
  trading_state text not null check (trading_state in ('RUNNING', 'REDUCING', 'HALTED')),
  halt_epoch int not null,
  limits jsonb not null,
  drawdown numeric not null default 0,
  changed_by text not null,
  changed_at timestamptz not null,
  -- The bar that the last automatic change came from, and how things stood before it; null after a person's change.
  automatic jsonb
);
select protect_tenant_table('policies');

create table change_requests (
  tenant uuid not null default current_tenant(),
  id uuid not null,
  target jsonb not null,
  policy_version int not null,
  halt_epoch int not null,
  requested_by text not null,
  requested_at timestamptz not null,
  expires_at timestamptz not null,
  status text not null check (status in ('pending', 'confirmed', 'lapsed')),
  settled_by text,
  settled_at timestamptz,
  primary key (tenant, id)
);
create index pending_change_requests on change_requests (tenant) where status = 'pending';
select protect_tenant_table('change_requests');

-- What market says of an instrument, as far as checks need it.
create table instruments (
  instrument text primary key,
  version int not null,
  tradable boolean not null,
  multiplier numeric not null,
  tick_size numeric not null,
  lot_size numeric not null,
  collar_volatilities numeric not null
);
select declare_global_table('instruments', 'instruments belong to no tenant');

-- The closes of recent bars: a late signal is held against the price before its own bar, not against today's.
create table marks (
  instrument text not null,
  sequence bigint not null,
  close numeric not null,
  primary key (instrument, sequence)
);
select declare_global_table('marks', 'prices belong to no tenant');

-- Everything about one (book, purpose, instrument) that must be exact at once is in its row, under its lock.
create table lanes (
  tenant uuid not null default current_tenant(),
  book text not null,
  purpose text not null,
  instrument text not null,
  position numeric not null default 0,
  reserved_buy numeric not null default 0 check (reserved_buy >= 0),
  reserved_sell numeric not null default 0 check (reserved_sell >= 0),
  -- What stood before the effects of bar `sequence`, the latest that changed anything.
  position_before numeric not null default 0,
  reserved_buy_before numeric not null default 0,
  reserved_sell_before numeric not null default 0,
  sequence bigint not null default 0,
  approvals_sequence bigint not null default 0,
  approvals_count int not null default 0,
  approved_mandates jsonb not null default '{}',
  losses jsonb not null default '{"streak": 0, "pause": null, "day": null, "stop": null}',
  primary key (tenant, book, purpose, instrument)
) with (fillfactor = 50);
select protect_tenant_table('lanes');

-- Exactly one decision a signal.
create table decisions (
  tenant uuid not null default current_tenant(),
  signal_id uuid not null,
  mandate_id uuid not null,
  strategy text not null,
  instrument text not null,
  book text not null,
  purpose text not null,
  side text not null,
  outcome text not null check (outcome in ('approved', 'rejected')),
  reason text,
  detail text,
  approval_id uuid,
  quantity numeric,
  policy_version int not null,
  model_version text not null,
  halt_epoch int not null,
  sequence bigint not null,
  observed_at timestamptz not null,
  checks jsonb not null,
  primary key (tenant, signal_id),
  check ((outcome = 'approved') = (approval_id is not null and quantity is not null and reason is null))
);
select protect_tenant_table('decisions');

-- What an approval holds of its lane's limit: fills consume it, terminal orders release it.
create table reservations (
  tenant uuid not null default current_tenant(),
  approval_id uuid not null,
  signal_id uuid not null,
  side text not null,
  quantity numeric not null,
  open numeric not null check (open between 0 and quantity),
  primary key (tenant, approval_id)
);
select protect_tenant_table('reservations');

-- Down Migration
drop table reservations, decisions, lanes, marks, instruments, change_requests, policies, starting_policies, modes;
