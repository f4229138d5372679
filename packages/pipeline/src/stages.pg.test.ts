/** Stages that pause by themselves, and are resumed while somebody is about to pause them again. */
import { pauseOnStreak, resumeStage } from "@baton/db";
import { expect, test } from "vitest";
import { failLease, listStages } from "./index.ts";
import { testLine, testProject } from "./testing/index.ts";
import { countOf, HINDERED, leased, newTasks, sql, submitted, valueOf } from "./testing/verbs.ts";

test("a fault that was forgiven while somebody counted it does not pause the stage once more", async () => {
  const open = await testLine();
  const project_id = await testProject(open);
  await submitted(open, newTasks(5), { project_id });
  for (let n = 0; n < 5; n += 1) {
    const { ref } = await leased(open, "dev");
    valueOf(
      await failLease(open.line, open.admin, { ...ref, error: { message: "no compiler", fault: "environment" } }),
    );
    // Its retry may be due at once: each of the five is to be another task.
    await sql(open, "update tasks set due_at = now() + interval '1 hour' where attempt > 0");
  }
  const dev = async () => valueOf(await listStages(open.line, open.admin, { id: project_id })).items[0]?.paused;
  const fingerprint = (await dev())?.fault_fingerprint ?? "";
  expect(fingerprint).not.toBe("");
  const counted = await open.db.transaction(async (tx) => {
    await resumeStage(tx, project_id, "dev");
    const waiting = pauseOnStreak(open.db, { project_id, stage: "dev", fingerprint, reason: "again", times: 5 });
    await expect.poll(() => countOf(open, HINDERED)).toBe(1);
    return { waiting };
  });
  expect(await counted.waiting).toBe(false);
  expect(await dev()).toBeNull();
});
