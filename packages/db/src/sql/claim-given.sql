-- The tasks that this claim has just given, whose roles are not settled yet, with what is known of them as it was when this
-- statement began: of the task at that event (seen_seq). $3: the stages in their order, $4: their roles.
, holding as (
  select leased.*, null::int as role_version,
    ($3::text[])[array_position($3::text[], stage) + 1] as next_stage,
    ($4::text[])[array_position($3::text[], stage)] as role
  from leased
)
select
  task.id, task.workspace_id, task.project_id, task.run_id, task.stage, task.state, task.held, task.priority,
  task.visit, task.attempt, task.epoch, task.seq, task.failures, task.crashes, task.rejections,
  task.max_failures, task.max_crashes, task.max_rejections, task.due_at, task.lease_id, task.lease_expires_at,
  task.block_kind, task.block_reason, task.block_until, task.packet_id, task.dispatch, task.dispatched_at, task.bundle,
  task.created_at, task.updated_at, task.finished_at,
  task.i, task.lease_ms, task.credential, task.seen_seq, now() as now, found.*, known.*
from holding as task
