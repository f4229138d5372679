-- What a streak of faults in a stage ($2) is looked for in: what ended within a week by a verdict or a failure; other ends say
-- nothing. No lease lives longer than another week (10,080 minutes, the most that max_lease_minutes may be), so that such
-- attempts began within two. Of those at most the newest fifty thousand are looked at, whoever's they are: what this costs must
-- not grow with the history.
recent as not materialized (
  select id, task_id, fault_fingerprint, ended_at
  from (
    select id, task_id, outcome, fault_fingerprint, ended_at
    from attempts
    where stage = $2 and started_at > now() - interval '14 days'
    order by started_at desc
    limit 50000
  ) as begun
  where ended_at > now() - interval '7 days' and outcome in ('pass', 'reject', 'fail')
),
