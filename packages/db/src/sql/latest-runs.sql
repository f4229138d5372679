-- Some runs ($2) before an id ($1), newest first, and which of them may have something left to be summed up for a feature: a
-- completed run has not once it is written that it is approved.
select
  run.id,
  run.feature_id is not null and not (run.state = 'completed' and exists (
    select from feature_rollups as rolled
    where rolled.run_id = run.id and rolled.phase = 'approved' and rolled.created_at >= run.updated_at
  )) as open
from runs as run
where run.id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
order by run.id desc
limit $2
