/** Reading attempts: who has held a task, and what is told of it. */
import { expect, test } from "vitest";
import { heartbeat } from "../heartbeat.ts";
import { newId } from "../ids.ts";
import { claimed, sql, submitted, testDatabase } from "../testing/line.ts";
import { attemptsOf, hasHeld } from "./leases.ts";

test("attempts are read without their drafts", async () => {
  const open = await testDatabase();
  const { id, lease_id, workspace_id, epoch } = await claimed(open, await submitted(open));
  const draft = { packet: { output_summary: "half way" }, findings: [] };
  const beat = { lease_id: lease_id ?? "", workspace_id, epoch, progress: "reading", draft };
  expect(await heartbeat(open.db, beat)).not.toBeNull();
  const [told] = await attemptsOf(open.db, id);
  expect(told).toMatchObject({ id: lease_id, stage: "dev", agent_id: "agent", progress: "reading", outcome: null });
  expect(JSON.stringify(told)).not.toContain("half way");
});

test("a task was held by the tokens that its leases were given to, and by no other", async () => {
  const open = await testDatabase();
  const [one, other] = [await submitted(open), await submitted(open)];
  await claimed(open, one);
  const [token_id, stranger] = [newId(), newId()];
  await sql(open.db, "update attempts set token_id = $1", token_id);
  expect(await hasHeld(open.db, one.id, token_id)).toBe(true);
  expect(await hasHeld(open.db, one.id, stranger)).toBe(false);
  expect(await hasHeld(open.db, other.id, token_id)).toBe(false);
});
