-- Up Migration

create table workbooks (
  tenant uuid not null default current_tenant(),
  -- The id of its file.
  workbook_id uuid not null,
  name text not null,
  bytes bigint not null,
  sha256 text not null,
  -- Where the clean file lies: the object's name, and the generation that was scanned.
  object text not null,
  generation text not null,
  state text not null check (state in ('read', 'refused')),
  refusal_code text,
  refusal_detail text,
  contents jsonb,
  parsed_at timestamptz not null,
  primary key (tenant, workbook_id),
  check ((state = 'refused') = (refusal_code is not null))
);
select protect_tenant_table('workbooks');

create table simulations (
  tenant uuid not null default current_tenant(),
  simulation_id uuid not null,
  version bigint not null default 1,
  name text,
  workbook_id uuid not null,
  state text not null check (state in ('queued', 'preparing', 'running', 'completed', 'failed', 'cancelled')),
  requested_by text not null,
  plan text not null,
  -- With its seed and its moment settled, so that every worker and every repetition reads the same.
  request jsonb not null,
  paths bigint not null,
  paths_done bigint not null default 0,
  -- What runs the model, once it is known.
  backend text,
  -- Why a run that was to have a GPU goes on without one.
  gpu_fallback text,
  -- The stage that is being run, from 1, and the centres of its sketches as base64 of doubles: text would lose a negative zero.
  stage int not null default 0,
  centres text,
  created_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  -- When progress was last told.
  progressed_at timestamptz,
  failure_code text,
  failure_detail text,
  primary key (tenant, simulation_id)
);
create index latest_simulations on simulations (tenant, created_at desc, simulation_id desc);
select protect_tenant_table('simulations');

-- What a run's workers claim: its preparation, portions of its paths, and the merging of a stage. A lease that ran out is claimed
-- again; the first commit of a portion counts, and a later one changes nothing, since it came to the same.
create table run_portions (
  tenant uuid not null default current_tenant(),
  simulation_id uuid not null,
  stage int not null,
  place int not null,
  kind text not null check (kind in ('prepare', 'paths', 'merge')),
  start_path bigint not null,
  end_path bigint not null,
  state text not null default 'waiting' check (state in ('waiting', 'leased', 'done')),
  lease uuid,
  leased_until timestamptz,
  attempts int not null default 0,
  paths_done bigint not null default 0,
  primary key (tenant, simulation_id, stage, place),
  foreign key (tenant, simulation_id) references simulations on delete cascade
);
create index open_portions on run_portions (tenant, simulation_id, stage, place) where state <> 'done';
select protect_tenant_table('run_portions');

create table simulation_results (
  tenant uuid not null default current_tenant(),
  simulation_id uuid not null,
  -- SHA-256 over the statistics.
  digest text not null,
  -- As text, not as jsonb: numbers keep the digits they were written with.
  result json not null,
  completed_at timestamptz not null,
  primary key (tenant, simulation_id),
  foreign key (tenant, simulation_id) references simulations on delete cascade
);
select protect_tenant_table('simulation_results');

create table gpu_allocations (
  tenant uuid not null default current_tenant(),
  allocation_id uuid not null,
  simulation_id uuid not null,
  state text not null check (state in ('requested', 'running', 'absent', 'released', 'failed')),
  device text,
  reason text,
  requested_at timestamptz not null,
  started_at timestamptz,
  -- When the job last claimed work: one that is silent is given up.
  seen_at timestamptz,
  released_at timestamptz,
  primary key (tenant, allocation_id)
);
create index allocations_by_run on gpu_allocations (tenant, simulation_id);
select protect_tenant_table('gpu_allocations');

create table simulation_queue (
  simulation_id uuid primary key,
  tenant uuid not null,
  plan text not null,
  -- Seconds that one worker is expected to take.
  work_seconds double precision not null,
  queued_at timestamptz not null,
  admitted_at timestamptz
);
create index waiting_runs on simulation_queue (queued_at) where admitted_at is null;
select declare_global_table('simulation_queue', 'whose turn it is is decided across tenants: ids, plans and sizes, no content');

-- Down Migration
drop table simulation_queue, gpu_allocations, simulation_results, run_portions, simulations, workbooks;
