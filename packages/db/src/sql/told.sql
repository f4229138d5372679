-- What has been written for a phase ($2) of a run ($1) so far: the newest mark, and all figures together.
select
  max(rolled.mark) as mark, max(rolled.created_at) as at,
  (array_agg(packet.started_at order by rolled.mark desc))[1] as started_at,
  coalesce(sum(packet.duration_ms), 0)::bigint as duration_ms,
  coalesce(sum(packet.cost_tokens_in), 0)::bigint as tokens_in,
  coalesce(sum(packet.cost_tokens_out), 0)::bigint as tokens_out,
  coalesce(sum(packet.cost_usd), 0)::numeric(38, 6)::text as cost_usd
from feature_rollups as rolled
join handoff_packets as packet on packet.id = rolled.packet_id
where rolled.run_id = $1 and rolled.phase = $2
having count(*) > 0
