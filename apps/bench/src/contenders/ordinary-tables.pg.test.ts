/** The check behind the figures of the ordinary way: it must see what it is there to see. */
import { freshDatabase } from "@baton/db/testing";
import { expect, onTestFinished, test } from "vitest";
import { rowsFrom } from "../servers/postgres.ts";
import { makeOrdinaryTables, ordinaryFaults } from "./ordinary-tables.ts";

const TASK = "00000000-0000-7000-8000-000000000001";
const OTHER = "00000000-0000-7000-8000-000000000002";

/** A database with one task that went through all stages. */
async function database(): Promise<{ url: string; run: (statement: string) => Promise<unknown> }> {
  const { url, drop } = await freshDatabase();
  onTestFinished(drop);
  await makeOrdinaryTables(url);
  await rowsFrom(
    url,
    `insert into ordinary.tasks (id, title, stage) values ('${TASK}', 'task', 'complete');
     insert into ordinary.packets (id, task_id, stage, body)
       select gen_random_uuid(), '${TASK}', stage, '{"output_summary": "done"}'
       from unnest(array['docs', 'dev', 'sec', 'qa']) as stage;`,
  );
  return { url, run: (statement) => rowsFrom(url, statement) };
}

test("a task with a packet of each stage has no fault", async () => {
  const { url } = await database();
  expect(await ordinaryFaults(url, [TASK])).toEqual([]);
});

test("a task that is not there is lost", async () => {
  const { url } = await database();
  expect(await ordinaryFaults(url, [TASK, OTHER])).toEqual([`task ${OTHER} is lost`]);
});

test("a packet that is missing is a fault, and so is an empty one", async () => {
  const { url, run } = await database();
  await run("delete from ordinary.packets where stage = 'qa'");
  await run(`update ordinary.packets set body = '{"output_summary": ""}' where stage = 'docs'`);
  expect(await ordinaryFaults(url, [TASK])).toEqual([`task ${TASK} has packets of dev sec`]);
});

test("a task that is not through is a fault", async () => {
  const { url, run } = await database();
  await run("update ordinary.tasks set stage = 'docs'");
  expect(await ordinaryFaults(url, [TASK])).toEqual([`task ${TASK} is in docs`]);
});
