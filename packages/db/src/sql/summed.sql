-- The packets of some stages ($2) that the tasks of a run ($1) have left, oldest first, without what takes room.
select
  packet.id, packet.task_id, spec.title as task_title, packet.phase, packet.version, packet.status,
  packet.started_at, packet.completed_at, packet.created_at, packet.duration_ms,
  packet.cost_tokens_in, packet.cost_tokens_out, packet.cost_usd::text, left(packet.rejection_reason, 2000) as rejection_reason
from tasks as task
join task_specs as spec on spec.task_id = task.id
join handoff_packets as packet on packet.task_id = task.id and packet.phase = any ($2::text[])
where task.run_id = $1
order by packet.created_at, packet.id
