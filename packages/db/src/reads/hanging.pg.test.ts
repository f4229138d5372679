/** What is left to do when tasks finish: whether others wait for them, and which runs are over. */
import { expect, test } from "vitest";
import { apply } from "../apply.ts";
import { newId } from "../ids.ts";
import type { TaskRow } from "../rows.ts";
import { changeOf, submitted, type TestDatabase, testDatabase, testRun } from "../testing/line.ts";
import { hangingOn } from "./hanging.ts";

async function cancelled({ db }: TestDatabase, row: TaskRow): Promise<TaskRow> {
  const [applied] = await apply(db, [changeOf(row, { name: "cancel", reason: "" })]);
  if (!applied) throw new Error("it was not cancelled");
  return applied.row;
}

test("a run is over when its last task is final, whatever other runs do", async () => {
  const open = await testDatabase();
  const other_run = await testRun(open.db, open.workspace_id, open.project_id);
  const [one, two, other] = [
    await submitted(open),
    await submitted(open),
    await submitted(open, { run_id: other_run }),
  ];
  const finished = [await cancelled(open, one), await cancelled(open, other)];
  expect((await hangingOn(open.db, finished)).over).toEqual([other_run]);
  finished.push(await cancelled(open, two));
  expect((await hangingOn(open.db, finished)).over.sort()).toEqual([open.run_id, other_run].sort());
});

test("others wait for a task when one depends on it, and not when it depends on others", async () => {
  const open = await testDatabase();
  const first = await submitted(open);
  const second = await submitted(open, { id: newId(), depends_on: [first.id], waits: true });
  expect(await hangingOn(open.db, [second])).toMatchObject({ waited_for: false });
  expect(await hangingOn(open.db, [second, first])).toMatchObject({ waited_for: true });
});
