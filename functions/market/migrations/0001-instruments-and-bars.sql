-- Up Migration
create table instruments (
  instrument text primary key,
  version int not null,
  source text not null check (source in ('dated-table', 'operator')),
  description text not null,
  kind text not null,
  tradable boolean not null,
  currency text not null,
  multiplier numeric not null,
  tick_size numeric not null,
  lot_size numeric not null,
  bar_interval_seconds int not null,
  fee_per_lot numeric not null,
  spread_ticks int not null,
  depth_lots numeric not null,
  levels int not null,
  collar_volatilities double precision not null,
  listed_at timestamptz not null
);
select declare_global_table('instruments', 'what is traded and on which terms is the same for every tenant');

-- One row an instrument, from its listing on: its lock makes ingest of one instrument serial. The open bar's columns are null before the first tick.
create table tapes (
  instrument text primary key references instruments,
  bars_closed bigint not null default 0,
  ticks_in_closed_bars bigint not null default 0,
  last_at timestamptz,
  opened_at timestamptz,
  open numeric,
  high numeric,
  low numeric,
  close numeric,
  volume numeric,
  ticks int,
  price_sequence bigint
) with (fillfactor = 50);
select declare_global_table('tapes', 'prices belong to no tenant');

create table feed_accounts (
  feed text not null,
  instrument text not null references instruments,
  high_water_mark bigint not null,
  applied bigint not null,
  late bigint not null,
  repeated bigint not null,
  primary key (feed, instrument)
) with (fillfactor = 50);
select declare_global_table('feed_accounts', 'counts of prices received; prices belong to no tenant');

create table bars (
  instrument text not null,
  sequence bigint not null,
  opened_at timestamptz not null,
  closed_at timestamptz not null,
  open numeric not null,
  high numeric not null,
  low numeric not null,
  close numeric not null,
  volume numeric not null,
  ticks int not null,
  price_sequence bigint not null,
  primary key (instrument, sequence)
);
select declare_global_table('bars', 'prices belong to no tenant');

-- Down Migration
drop table bars, feed_accounts, tapes, instruments;
