-- Moves up to some hundreds of tasks at once. Each change carries its own guard: the row must still be the one that was
-- decided on (seq, epoch), and a lease must still live (or be over, for the rescuer) by this server's clock.
-- What a change leaves behind is written only when its row moved. One row comes back for each task that moved.
-- Every step reads the moved rows and nothing is joined twice: a batch costs what its rows cost.
with given as (
  select * from json_to_recordset($1) as given (
    i int, task_id uuid, epoch bigint, seq int, needs text, lease_id uuid, actor text,
    type text, from_stage text, from_state text, to_stage text, to_state text, charged text, data jsonb,
    visit int, attempt int, failures int, crashes int, rejections int, delay_ms bigint, ticket boolean, bundle uuid,
    block_kind text, block_reason text, block_until timestamptz,
    outcome text, fault text, fault_fingerprint text, message text, tokens_in bigint, tokens_out bigint, cost_usd numeric, model text,
    packet jsonb, findings jsonb, transfers jsonb
  )
),
-- The event names what is left behind by its hash: the chain of events vouches for the other tables too.
change as (
  select given.*, case when packet is null then data else data || jsonb_build_object(
    'packet', jsonb_build_object(
      'id', packet -> 'id', 'sha256', encode(sha256(convert_to((packet - 'started_at')::text, 'utf8')), 'hex')
    ),
    'findings_sha256', encode(sha256(convert_to(findings::text, 'utf8')), 'hex'),
    'transfers', transfers
  ) end as facts
  from given
  -- So that they are reckoned once, not again for what is returned.
  offset 0
),
moved as (
  update tasks as task set
    stage = change.to_stage,
    state = change.to_state,
    visit = change.visit,
    attempt = change.attempt,
    seq = task.seq + 1,
    failures = change.failures,
    crashes = change.crashes,
    rejections = change.rejections,
    due_at = now() + change.delay_ms * interval '1 ms',
    lease_id = null,
    lease_expires_at = null,
    block_kind = change.block_kind,
    block_reason = change.block_reason,
    block_until = change.block_until,
    dev_agent = case when change.type = 'passed' and change.from_stage = 'dev' then change.actor else task.dev_agent end,
    packet_id = coalesce((change.packet ->> 'id')::uuid, task.packet_id),
    dispatch = task.dispatch + change.ticket::int,
    dispatched_at = case when change.ticket then now() + change.delay_ms * interval '1 ms' else task.dispatched_at end,
    bundle = case when change.ticket then change.bundle else task.bundle end,
    ledger = event_hash(
      task.ledger, task.id, task.seq + 1, change.type, change.from_stage, change.from_state, change.to_stage,
      change.to_state, change.charged, change.visit, change.attempt, task.epoch, change.actor, now(), change.facts
    ),
    updated_at = now(),
    finished_at = case when change.to_state in ('completed', 'failed', 'cancelled') then now() end
  from change
  where task.id = change.task_id
    and task.epoch = change.epoch
    and task.seq = change.seq
    and case change.needs
          when 'lease' then task.lease_id = change.lease_id and task.lease_expires_at > now()
          when 'lease_over' then task.lease_expires_at <= now()
          else true
        end
  returning
    task.*, change.i, change.actor, change.type, change.from_stage, change.from_state, change.charged, change.facts,
    change.lease_id as held_lease_id, change.outcome, change.fault, change.fault_fingerprint, change.message,
    change.tokens_in, change.tokens_out, change.cost_usd, change.model, change.packet, change.findings,
    change.transfers,
    case when change.ticket and not task.held and change.to_state = 'pending' then nextval('outbox_id_seq') end as outbox_id
),
ended as (
  update attempts as attempt set
    ended_at = now(),
    outcome = moved.outcome,
    fault = moved.fault,
    fault_fingerprint = moved.fault_fingerprint,
    message = moved.message,
    tokens_in = coalesce(moved.tokens_in, attempt.tokens_in),
    tokens_out = coalesce(moved.tokens_out, attempt.tokens_out),
    cost_usd = coalesce(moved.cost_usd, attempt.cost_usd),
    model = coalesce(moved.model, attempt.model)
  from (
    select held_lease_id, outcome, fault, fault_fingerprint, message, tokens_in, tokens_out, cost_usd, model
    from moved
    -- An update carries a copy of all that it is made from beside each row: behind an offset that is these columns alone.
    offset 0
  ) as moved
  where attempt.id = moved.held_lease_id
),
packed as (
  insert into handoff_packets (
    id, workspace_id, task_id, phase, version, status, agent_id, agent_type, agent_name,
    started_at, completed_at, duration_ms, cost_tokens_in, cost_tokens_out, cost_usd,
    input_source_phase, input_source_packet_id, input_context,
    output_summary, output_artifacts, output_decisions, output_metrics,
    previous_version_id, rejection_reason, diff_from_previous, activity_log
  )
  select
    packet.id, moved.workspace_id, moved.id, packet.phase, packet.version, packet.status,
    packet.agent_id, packet.agent_type, packet.agent_name,
    least(packet.started_at, now()), now(), extract(epoch from now() - least(packet.started_at, now())) * 1000,
    packet.cost_tokens_in, packet.cost_tokens_out, packet.cost_usd,
    packet.input_source_phase, packet.input_source_packet_id, packet.input_context,
    packet.output_summary, packet.output_artifacts, packet.output_decisions, packet.output_metrics,
    packet.previous_version_id, packet.rejection_reason, packet.diff_from_previous, packet.activity_log
  from moved cross join lateral jsonb_to_record(moved.packet) as packet (
    id uuid, phase text, version int, status text, agent_id text, agent_type text, agent_name text,
    started_at timestamptz, cost_tokens_in bigint, cost_tokens_out bigint, cost_usd numeric,
    input_source_phase text, input_source_packet_id uuid, input_context jsonb,
    output_summary text, output_artifacts jsonb, output_decisions jsonb, output_metrics jsonb,
    previous_version_id uuid, rejection_reason text, diff_from_previous jsonb, activity_log jsonb
  )
  where moved.packet is not null
),
found as (
  insert into findings (
    id, workspace_id, task_id, packet_id, stage, fingerprint, kind, title, description, severity, priority, status, file, line
  )
  select
    finding.id, moved.workspace_id, moved.id, moved.packet_id, moved.from_stage,
    finding.fingerprint, finding.kind, finding.title, finding.description, finding.severity, finding.priority,
    finding.status, finding.file, finding.line
  from moved cross join lateral jsonb_to_recordset(moved.findings) as finding (
    id uuid, fingerprint text, kind text, title text, description text, severity text, priority smallint,
    status text, file text, line int
  )
  where moved.findings is not null
),
recorded as (
  insert into events (
    workspace_id, task_id, seq, type, from_stage, from_state, to_stage, to_state, charged, visit, attempt, epoch, actor, data,
    hash
  )
  select
    workspace_id, id, seq, type, from_stage, from_state, stage, state, charged, visit, attempt, epoch, actor, facts, ledger
  from moved
),
transferred as (
  insert into artifact_transfers (artifact_id, stage, transfer_checksum, status, contract_id, schema_valid)
  select transfer.artifact_id, moved.stage, transfer.transfer_checksum, 'done', transfer.contract_id, transfer.schema_valid
  from moved cross join lateral jsonb_to_recordset(moved.transfers) as transfer (
    artifact_id uuid, transfer_checksum text, contract_id uuid, schema_valid boolean
  )
  where moved.transfers is not null
),
told as (
  insert into outbox (id, task_id, stage, visit, dispatch, bundle, not_before)
  select outbox_id, id, stage, visit, dispatch, bundle, due_at from moved where outbox_id is not null
)
select
  id, workspace_id, project_id, run_id, stage, state, held, priority, visit, attempt, epoch, seq,
  failures, crashes, rejections, max_failures, max_crashes, max_rejections, due_at, lease_id, lease_expires_at,
  block_kind, block_reason, block_until, packet_id, dispatch, dispatched_at, bundle, created_at, updated_at, finished_at,
  i, outbox_id
from moved
