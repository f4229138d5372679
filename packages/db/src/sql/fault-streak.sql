-- Pauses a stage ($2) of a project ($1) when the same fault ($3) came on so many different tasks ($4) in a row, with no
-- verdict and no other fault between. Looks at the newest attempts of the stage; how the others of them ended says nothing.
with recent as (
  select
    attempt.task_id, attempt.outcome, attempt.fault_fingerprint,
    row_number() over (order by attempt.ended_at desc, attempt.id desc) as n
  from (
    select id, task_id, outcome, fault_fingerprint, ended_at
    from attempts
    where stage = $2
    order by started_at desc
    limit 5000
  ) as attempt
  join tasks as task on task.id = attempt.task_id and task.project_id = $1
  where attempt.ended_at is not null and attempt.outcome in ('pass', 'reject', 'fail')
),
streak as (
  select count(distinct task_id) as tasks
  from recent
  where n < coalesce((
    select min(n) from recent where outcome <> 'fail' or fault_fingerprint is distinct from $3
  ), 10000)
)
insert into stage_pauses (project_id, stage, reason, fault_fingerprint, paused_by)
select $1, $2, $5, $3, 'baton' from streak where streak.tasks >= $4
on conflict (project_id, stage) do nothing
returning stage
