-- What hangs on tasks that have just finished ($1) in these runs ($2): whether others wait for one of them, and which of the
-- runs have no open task left.
select
  exists (select from task_dependencies where depends_on_id = any ($1::uuid[])) as waited_for,
  array(
    select run.id
    from unnest($2::uuid[]) as run (id)
    where not exists (
      select from tasks as task where task.run_id = run.id and task.state not in ('completed', 'failed', 'cancelled')
    )
  ) as over
