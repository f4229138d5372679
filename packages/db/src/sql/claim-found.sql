-- One row at least: it also says which tickets have found all that was ready in the hands of others. They must look again,
-- since what is left over by those others may have no other ticket. And which have not seen all there is. And which are
-- answered under a lock only: those that name a task of a project with a limit, and those that have found nothing where such
-- tasks may wait.
right join (
  select passed.busy as found_busy, passed.cut as found_more, limited.tickets as found_limited
  from (
    select array_agg(i) filter (where not cut) as busy, array_agg(i) filter (where cut) as cut from passed_by
  ) as passed
  cross join (
    select array_agg(i) as tickets
    from (
      select i from named where limited
      union all
      select placed.i
      from placed left join given on given.place = placed.place
      where not $2 and placed.turn > coalesce(given.tasks, 0)
        and exists (
          select from looked_at join runs as run on run.id = looked_at.run_id join projects as project on project.id = run.project_id
          where looked_at.place = placed.place and project.capacity is not null
        )
    ) as unanswered
  ) as limited
) as found on true
