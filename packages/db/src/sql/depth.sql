-- What lies in each stage, of a workspace ($1) or of all. Ready is what a claim would get now, or once its project has room: not
-- what waits for a person, a budget or a quota.
with place as (
  select
    run_id, stage,
    count(*) filter (where state = 'pending' and due_at <= now() + interval '0.5 ms') as due,
    min(due_at) filter (where state = 'pending' and due_at <= now() + interval '0.5 ms') as oldest,
    count(*) filter (where state = 'running') as running
  from tasks
  where (state = 'running' or (state = 'pending' and not held)) and ($1::uuid is null or workspace_id = $1)
  group by run_id, stage
)
select
  place.stage,
  coalesce(sum(place.due) filter (where given.out), 0)::int as ready,
  sum(place.running)::int as running,
  extract(epoch from now() - min(place.oldest) filter (where given.out))::float8 as oldest_ready_s
from place
join runs as run on run.id = place.run_id
join projects as project on project.id = run.project_id
cross join lateral (
  select not run.over_budget
    and not exists (select from stage_pauses as pause where pause.project_id = project.id and pause.stage = place.stage)
    and not exists (
      select from circuits as circuit
      where circuit.workspace_id = run.workspace_id and circuit.credential = project.settings ->> 'credential'
        and circuit.until > now()
    ) as out
) as given
group by place.stage
