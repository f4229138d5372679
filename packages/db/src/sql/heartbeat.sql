-- Extends a lease that still lives, never past its deadline, and keeps what its holder says. Says nothing when the lease is
-- not the current one of its task. Messages ($11: at most so many) are marked in the statement that gives them.
-- What is not told ($4 to $10) stays; the second clock moves only when the mark ($9) or the draft ($10) is a new one.
with lease as materialized (
  select attempt.task_id, attempt.lease_ms, attempt.deadline_at, attempt.credential, attempt.cost_usd
  from attempts as attempt
  -- Found by its id alone and looked at afterwards (the limit of one sees to that): asked for its lease as well, the planner may
  -- walk an index of all that live. Whoever has lost it long ago locks nothing.
  cross join lateral (select id, lease_id from tasks where tasks.id = attempt.task_id limit 1) as before
  cross join lateral (
    select lease_id, epoch, state, lease_expires_at from tasks where tasks.id = before.id limit 1 for no key update
  ) as task
  where attempt.id = $1 and attempt.workspace_id = $2 and attempt.epoch = $3 and before.lease_id = attempt.id
    and task.lease_id = attempt.id and task.epoch = attempt.epoch
    and task.state = 'running' and task.lease_expires_at > now()
),
beat as (
  update tasks as task
  -- One that has waited for another of its lease is older than what that one was told.
  set lease_expires_at = least(greatest(task.lease_expires_at, now() + lease.lease_ms * interval '1 ms'), lease.deadline_at)
  from lease
  where task.id = lease.task_id
  returning
    task.id, task.workspace_id, task.run_id, task.held, task.lease_expires_at,
    lease.lease_ms, lease.deadline_at, lease.credential, lease.cost_usd as told_cost
),
seen as (
  update attempts set
    heartbeat_at = now(),
    tokens_in = coalesce($4, tokens_in),
    tokens_out = coalesce($5, tokens_out),
    cost_usd = coalesce($6, cost_usd),
    model = coalesce($7, model),
    progress = coalesce($8, progress),
    progress_mark = coalesce($9, progress_mark),
    draft = coalesce($10, draft),
    draft_at = case when $10::jsonb is null then draft_at else now() end,
    progress_at = case
      when $9 is distinct from progress_mark and $9 is not null then now()
      when $10::jsonb is distinct from draft and $10::jsonb is not null then now()
      else progress_at
    end
  from beat where attempts.id = $1
),
delivered as (
  update task_messages as message set delivered_at = now(), lease_id = $1
  where message.id in (
    select waiting.id
    from beat join task_messages as waiting on waiting.task_id = beat.id and waiting.delivered_at is null
    order by waiting.id
    limit $11
    for update of waiting skip locked
  )
  returning message.id, message.text, message.author, message.created_at
)
select
  now() as now, beat.lease_expires_at as expires_at, beat.held, beat.lease_ms,
  (extract(epoch from beat.deadline_at - now()) * 1000)::float8 as deadline_in_ms,
  exists (
    select from circuits as circuit
    where circuit.workspace_id = beat.workspace_id and circuit.credential = beat.credential and circuit.until > now()
  ) as circuit_open,
  beat.run_id, run.budget_usd::text as budget_limit, run.over_budget,
  -- What this attempt has told just now is not in its row yet.
  case when run.budget_usd is not null then (
    coalesce($6, beat.told_cost, 0) + coalesce((
      select sum(attempt.cost_usd)
      from tasks as task join attempts as attempt on attempt.task_id = task.id
      where task.run_id = beat.run_id and attempt.id <> $1
    ), 0)
  )::numeric(38, 6)::text end as budget_spent,
  (select coalesce(json_agg(delivered order by delivered.id), '[]') from delivered) as messages
from beat join runs as run on run.id = beat.run_id
