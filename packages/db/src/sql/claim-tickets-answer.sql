-- One row at least: it also says which tickets have found all that was ready in the hands of others. They must look again,
-- since what is left over by those others may have no other ticket. And which are answered under a lock only: those that name
-- a task of a project with a limit, and those that have found nothing where such tasks may wait.
-- What is known of a task is as it was when this statement began: of the task at that event (seen_seq).
select
  leased.*, now() as now, found_busy.tickets as found_busy, found_limited.tickets as found_limited,
  known.*, given.seq as seen_seq
from (select array_agg(i) as tickets from passed_by) as found_busy
cross join (
  select array_agg(i) as tickets
  from (
    select i from named where limited
    union all
    select placed.i
    from placed
    where not $2 and not exists (select from allowed where allowed.i = placed.i)
      and exists (
        select from looked_at join runs as run on run.id = looked_at.run_id join projects as project on project.id = run.project_id
        where looked_at.place = placed.place and project.capacity is not null
      )
  ) as unanswered
) as found_limited
left join leased on true
left join known on known.task_id = leased.id
left join given on given.task_id = leased.id
