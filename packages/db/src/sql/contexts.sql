-- These tasks ($1) as their holders need them. $2: the stages in their order, $3: their roles.
with holding as (
  select
    task.id, task.workspace_id, task.project_id, task.run_id, task.stage, task.visit, task.attempt, task.packet_id,
    lease.contract_id, lease.role_version,
    ($2::text[])[array_position($2::text[], task.stage) + 1] as next_stage,
    ($3::text[])[array_position($2::text[], task.stage)] as role
  from unnest($1::uuid[]) as asked (id)
  join tasks as task on task.id = asked.id
  left join attempts as lease on lease.id = task.lease_id
)
select known.* from holding as task
