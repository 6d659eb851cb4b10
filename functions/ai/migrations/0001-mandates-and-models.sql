-- Up Migration
create table instruments (
  instrument text primary key,
  version int not null,
  tradable boolean not null
);
select declare_global_table('instruments', 'a copy of what market has listed; instruments belong to no tenant');

create table mandates (
  mandate_id uuid primary key,
  tenant uuid not null default current_tenant(),
  strategy text not null,
  instrument text not null,
  book text not null,
  max_position_lots int not null,
  granted_by text not null,
  granted_at timestamptz not null,
  unique (tenant, strategy, instrument, book)
);
select protect_tenant_table('mandates');

-- What a closed bar, which belongs to no tenant, needs to know to publish to those who asked.
create table signal_routes (
  mandate_id uuid primary key,
  instrument text not null,
  strategy text not null,
  -- Not `tenant`: the row is read on behalf of none.
  recipient uuid not null,
  book text not null,
  max_position_lots int not null
);
create index signal_routes_by_instrument on signal_routes (instrument, strategy);
select declare_global_table('signal_routes', 'routing only: which mandates a signal goes out under; read where bars fan out to tenants');

create table model_states (
  instrument text not null,
  model_version text not null,
  -- The last bar the state has seen.
  sequence bigint not null,
  state jsonb not null,
  primary key (instrument, model_version)
) with (fillfactor = 50);
select declare_global_table('model_states', 'models and prices belong to no tenant');

-- Down Migration
drop table model_states, signal_routes, mandates, instruments;
