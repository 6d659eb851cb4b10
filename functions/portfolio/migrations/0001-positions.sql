-- Up Migration

-- What an account begins with, and how far it may fall: the row of its currency that was valid when its first fill was booked.
create table account_terms (
  currency text not null,
  valid_from date not null,
  starting_equity numeric not null,
  -- Share of the peak, above 0 and at most 1.
  drawdown_limit numeric not null check (drawdown_limit > 0 and drawdown_limit <= 1),
  primary key (currency, valid_from)
);
select declare_global_table('account_terms', 'the same terms for every tenant');
insert into account_terms (currency, valid_from, starting_equity, drawdown_limit) values ('USD', '1900-01-01', 10000000, 0.1);

create table accounts (
  tenant uuid not null default current_tenant(),
  currency text not null,
  starting_equity numeric not null,
  drawdown_limit numeric not null,
  -- Highest equity at any mark.
  peak_equity numeric not null,
  -- The drawdown last told of, until it has recovered.
  told_drawdown numeric,
  primary key (tenant, currency)
);
select protect_tenant_table('accounts');

-- One row an instrument that the tenant has ever traded: its totals, its last mark, and the lock that makes fills and marks of the
-- instrument serial. Equity is the sum of these rows, so no fill locks a row that another instrument's fill needs.
create table ledgers (
  tenant uuid not null default current_tenant(),
  instrument text not null,
  currency text not null,
  realized numeric not null default 0,
  fees numeric not null default 0,
  unrealized numeric not null default 0,
  mark_price numeric,
  mark_sequence bigint not null default -1,
  mark_at timestamptz,
  primary key (tenant, instrument)
);
select protect_tenant_table('ledgers');

create table positions (
  tenant uuid not null default current_tenant(),
  position_id uuid not null,
  instrument text not null,
  book text not null,
  purpose text not null check (purpose in ('HEDGE', 'STRATEGY')),
  side text not null check (side in ('BUY', 'SELL')),
  currency text not null,
  multiplier numeric not null,
  -- Open lots, oldest first: [{quantity, price}]. One column, because they are only ever read and written whole.
  lots jsonb not null,
  quantity numeric not null check (quantity >= 0),
  -- Sum of quantity x price over the open lots.
  cost numeric not null,
  realized numeric not null,
  fees numeric not null,
  volatility double precision not null,
  stop numeric,
  stop_trails boolean not null default false,
  exit_id uuid,
  exit_reason text check (exit_reason in ('stop-loss', 'trailing-stop', 'take-profit')),
  exit_pending boolean not null default false,
  opened_sequence bigint not null,
  opened_at timestamptz not null,
  closed_sequence bigint,
  closed_at timestamptz,
  primary key (tenant, position_id),
  check ((closed_at is null) = (quantity > 0))
);
create unique index one_open_position on positions (tenant, instrument, book, purpose) where closed_at is null;
create index open_positions on positions (tenant, opened_at desc, position_id desc) where closed_at is null;
create index closed_positions on positions (tenant, opened_at desc, position_id desc) where closed_at is not null;
select protect_tenant_table('positions');

create table fills (
  tenant uuid not null default current_tenant(),
  fill_id text not null,
  order_id uuid not null,
  instrument text not null,
  book text not null,
  purpose text not null,
  side text not null,
  quantity numeric not null,
  price numeric not null,
  fee numeric not null,
  currency text not null,
  multiplier numeric not null,
  filled_sequence bigint not null,
  filled_at timestamptz not null,
  -- The order in which fills were booked: profit and loss can be computed again from them.
  position bigint generated always as identity,
  primary key (tenant, fill_id)
);
select protect_tenant_table('fills');

create table holders (
  instrument text not null,
  tenant uuid not null,
  primary key (instrument, tenant)
);
select declare_global_table('holders', 'which tenants a bar of an instrument concerns: routing, without quantities');

-- Down Migration
drop table holders, fills, positions, ledgers, accounts, account_terms;
