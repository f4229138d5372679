-- What came of each version of a role ($2) of a workspace ($1): of the newest attempts of its stage ($3, null for a role
-- without one) that have ended, and for pm of its plans. A verdict counts as a loop-back when its visit was sent back to dev
-- by it or after it. A plan lasts from its first lease to its end.
with versions as (
  select version, created_by, created_at
  from role_configs
  where workspace_id = $1 and role = $2
  order by version desc
  limit 200
),
newest as (
  select workspace_id, role, role_version, task_id, visit, epoch, outcome, started_at, ended_at, tokens_in, tokens_out, cost_usd
  from attempts
  where stage = $3
  order by started_at desc
  limit 100000
),
ended as (
  select
    role_version, outcome, extract(epoch from ended_at - started_at) * 1000 as ms, tokens_in, tokens_out, cost_usd,
    outcome in ('pass', 'reject') and exists (
      select from attempts as later
      where later.task_id = newest.task_id and later.epoch >= newest.epoch and later.visit = newest.visit
        and later.outcome = 'reject'
    ) as looped_back
  from newest
  where workspace_id = $1 and role = $2 and ended_at is not null
  union all
  select
    role_version, case state when 'completed' then 'pass' else 'fail' end, extract(epoch from updated_at - created_at) * 1000,
    (packet -> 'usage' ->> 'tokens_in')::bigint, (packet -> 'usage' ->> 'tokens_out')::bigint,
    (packet -> 'usage' ->> 'cost_usd')::numeric, false
  from plans
  where workspace_id = $1 and $2 = 'pm' and state in ('completed', 'failed')
)
select
  version, created_by, created_at, told.*
from versions
cross join lateral (
  select
    count(*)::int as attempts,
    (count(*) filter (where outcome = 'pass'))::int as passed,
    (count(*) filter (where outcome = 'reject'))::int as rejected,
    (count(*) filter (where outcome in ('fail', 'expire')))::int as failed,
    (count(*) filter (where looped_back))::int as loop_backs,
    round(percentile_cont(0.5) within group (order by ms))::bigint as median_ms,
    coalesce(round(sum(ms)), 0)::bigint as total_ms,
    coalesce(sum(tokens_in), 0)::bigint as tokens_in,
    coalesce(sum(tokens_out), 0)::bigint as tokens_out,
    coalesce(sum(cost_usd), 0)::numeric(38, 6)::text as cost_usd
  from ended
  where ended.role_version = versions.version
) as told
order by version desc
