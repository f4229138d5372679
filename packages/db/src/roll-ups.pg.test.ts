/** How the roll-up's looks go through the tables: each costs what its page costs, however much is stored. */
import { expect, test } from "vitest";
import { newId } from "./ids.ts";
import { insertFeature } from "./projects.ts";
import { newestCompleted, newestFeaturePacket, pageOfFeaturePackets, trailPackets } from "./reads/feature-packets.ts";
import { activeFeatureRuns, latestFeatureRuns, packetsReached, packetsToSum, standingsOf, toldOf } from "./roll-ups.ts";
import { sql, type TestDatabase, testDatabase } from "./testing/line.ts";

const RUNS = `insert into runs (id, workspace_id, project_id, feature_id, name, state, approval, finished_at)
  select gen_random_uuid(), $1, $2, case when i % 2 = 0 then $3::uuid end, 'r',
    case when i % 50 = 0 then 'active' else 'completed' end, 'none', case when i % 50 <> 0 then now() end
  from generate_series(1, 2000) as i`;

const PACKETS = `insert into handoff_packets (id, workspace_id, feature_id, phase, version, status, agent_id, agent_type,
    agent_name, input_context, output_summary, output_artifacts, output_decisions, output_metrics, activity_log)
  select gen_random_uuid(), $1, $2, 'planning', i, 'completed', 'a', 'a', 'a', '{}', 's', '[]', '[]', '{}', '[]'
  from generate_series(1, $3::int) as i`;

async function stored() {
  const open = await testDatabase({ connections: 1 });
  const { workspace_id, project_id } = open;
  const features = [newId(), newId()] as const;
  for (const id of features)
    await insertFeature(open.db, { id, workspace_id, project_id, title: "f", description: "" });
  await sql(open.db, RUNS, workspace_id, project_id, features[0]);
  await sql(open.db, PACKETS, workspace_id, features[0], 2_000);
  await sql(open.db, PACKETS, workspace_id, features[1], 5);
  return { ...open, small: features[1] };
}

/** How often a table was read from end to end, and how many rows were looked at. */
async function looked({ db }: TestDatabase) {
  await sql(db, "select pg_stat_force_next_flush()");
  const [sums] = await sql<{ scans: number; rows: number }>(
    db,
    `select sum(seq_scan)::int as scans, sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows
     from pg_stat_user_tables where schemaname = 'public'`,
  );
  return sums ?? { scans: 0, rows: 0 };
}

test("only active runs are gone through for those of features, and no table from end to end", async () => {
  const open = await stored();
  const before = await looked(open);
  const { ids, next } = await activeFeatureRuns(open.db, null, 100);
  await standingsOf(open.db, ids);
  const latest = await latestFeatureRuns(open.db, null, 50);
  const [id = ""] = ids;
  await packetsReached(open.db, id, ["dev"], ["none", "dev"]);
  await packetsToSum(open.db, id, ["dev"]);
  await toldOf(open.db, id, "review");
  const after = await looked(open);
  expect(ids).toHaveLength(40);
  expect(next).toBeNull();
  expect(latest.ids.length).toBeLessThanOrEqual(50);
  expect(after.scans - before.scans).toBe(0);
  expect(after.rows - before.rows).toBeLessThan(300);
});

test("a feature's packets are found among all others without going through them", async () => {
  const open = await stored();
  const before = await looked(open);
  expect((await newestFeaturePacket(open.db, open.small, "planning"))?.version).toBe(5);
  expect(await newestCompleted(open.db, open.small, ["planning", "design_review"])).not.toBeNull();
  expect(await trailPackets(open.db, open.small)).toHaveLength(5);
  expect(await pageOfFeaturePackets(open.db, open.small, { limit: 2, after: null })).toHaveLength(2);
  const after = await looked(open);
  expect(after.scans - before.scans).toBe(0);
  expect(after.rows - before.rows).toBeLessThan(50);
});
