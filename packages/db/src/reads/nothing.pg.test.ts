/** Where waiting agents look for all of them at once. */
import { expect, test } from "vitest";
import { newId } from "../ids.ts";
import { submit } from "../submit.ts";
import { newTask, sql, testDatabase } from "../testing/line.ts";
import { readyIn } from "./nothing.ts";

test("places with ready tasks are told with their number, those without are left out", async () => {
  const open = await testDatabase();
  const { workspace_id } = open;
  await submit(open.db, [newTask(open), newTask(open), newTask(open)]);
  await sql(open.db, "update tasks set stage = 'qa' where id = (select max(id::text)::uuid from tasks)");
  const places = [
    { workspace_id, stage: "dev" as const },
    { workspace_id, stage: "qa" as const },
    { workspace_id, stage: "sec" as const },
    { workspace_id: newId(), stage: "dev" as const },
  ];
  const found = await readyIn(open.db, places);
  expect(found.sort((a, b) => a.stage.localeCompare(b.stage))).toEqual([
    { workspace_id, stage: "dev", ready: 2 },
    { workspace_id, stage: "qa", ready: 1 },
  ]);
});

test("what is due later, held or running is not ready", async () => {
  const open = await testDatabase();
  const place = { workspace_id: open.workspace_id, stage: "dev" as const };
  await submit(open.db, [newTask(open)]);
  for (const change of ["due_at = now() + interval '1 minute'", "held = true"]) {
    await sql(open.db, `update tasks set ${change}`);
    expect(await readyIn(open.db, [place])).toEqual([]);
    await sql(open.db, "update tasks set due_at = now(), held = false");
  }
  expect(await readyIn(open.db, [place])).toEqual([{ ...place, ready: 1 }]);
});
