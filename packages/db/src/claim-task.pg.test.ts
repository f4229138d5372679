/** Claims of one named task: as it was looked at, in its workspace, and by nobody else at the same moment. */
import { expect, test } from "vitest";
import { claimBest, claimTask, type TaskClaim } from "./claim.ts";
import { isDuplicate } from "./faults.ts";
import { newId } from "./ids.ts";
import type { TaskRow } from "./rows.ts";
import { rowOf, sql, submitted, testDatabase } from "./testing/line.ts";

const asking = () => ({ lease_id: newId(), claim_id: newId(), lease_ms: 60_000, agent_id: "agent" });

function claimOf({ id: task_id, workspace_id, seq }: TaskRow, more: Partial<TaskClaim> = {}): TaskClaim {
  return { ...asking(), task_id, workspace_id, seq, ...more };
}

test("a ready task is claimed as it was looked at", async () => {
  const open = await testDatabase();
  const row = await submitted(open);
  const claim = claimOf(row);
  expect(await claimTask(open.db, claim)).toMatchObject({
    ...{ id: row.id, state: "running", lease_id: claim.lease_id, epoch: 1, attempt: 1, seq: row.seq + 1 },
    lease_ms: 60_000,
  });
});

test("what has changed since, is held, is due later or is somebody else's gives no lease and stays as it is", async () => {
  const open = await testDatabase();
  const row = await submitted(open);
  const set = (what: string) => sql(open.db, `update tasks set ${what} where id = '${row.id}'`);
  expect(await claimTask(open.db, claimOf(row, { seq: row.seq - 1 }))).toBeNull();
  expect(await claimTask(open.db, claimOf(row, { seq: row.seq + 1 }))).toBeNull();
  expect(await claimTask(open.db, claimOf(row, { workspace_id: newId() }))).toBeNull();
  expect(await claimTask(open.db, claimOf(row, { task_id: newId() }))).toBeNull();
  await set("held = true");
  expect(await claimTask(open.db, claimOf(row))).toBeNull();
  await set("held = false, due_at = now() + interval '1 minute'");
  expect(await claimTask(open.db, claimOf(row))).toBeNull();
  expect(await sql(open.db, "select count(*) from attempts")).toEqual([{ count: 0 }]);
  await set("due_at = now()");
  expect(await claimTask(open.db, claimOf(row))).not.toBeNull();
});

test("of many who claim it at the same moment, by name or as the best there is, one gets it", async () => {
  const open = await testDatabase({ connections: 10 });
  for (let round = 0; round < 10; round += 1) {
    const row = await submitted(open);
    const best = { ...asking(), workspace_id: row.workspace_id, stages: ["dev" as const] };
    const named = [1, 2, 3, 4].map(() => claimTask(open.db, claimOf(row)));
    const claims = await Promise.all([...named, claimBest(open.db, best)]);
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
    expect(await rowOf(open, row.id)).toMatchObject({ epoch: 1, attempt: 1, seq: row.seq + 1 });
  }
});

test("a claim_id that was used is a duplicate, and the task stays free", async () => {
  const open = await testDatabase();
  const [one, other] = [await submitted(open), await submitted(open)];
  const first = claimOf(one);
  await claimTask(open.db, first);
  const again = claimTask(open.db, claimOf(other, { claim_id: first.claim_id }));
  expect(isDuplicate(await again.catch((error: unknown) => error))).toBe(true);
  expect(await rowOf(open, other.id)).toMatchObject({ state: "pending", epoch: 0 });
});
