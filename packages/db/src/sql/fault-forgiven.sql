-- Ends the pause of a stage ($2) of a project ($1). The fault that paused it, if it was one, begins to be counted anew: it is
-- taken from all attempts that any streak may still look at.
with over as (
  delete from stage_pauses where project_id = $1 and stage = $2 returning fault_fingerprint
),
