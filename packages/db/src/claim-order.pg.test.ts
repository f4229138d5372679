/** The order in which tickets of one statement are given tasks of many runs: as if they came one by one. */
import { expect, test } from "vitest";
import { claimTickets } from "./claim.ts";
import { newId } from "./ids.ts";
import { submit } from "./submit.ts";
import { newTask, sql, submitted, type TestDatabase, testDatabase, testRun } from "./testing/line.ts";

const TICKETS = 60;

interface Kind {
  runs: number;
  weight: number;
  priorities: readonly number[];
}

/** Runs of such a kind, each of which has `TICKETS` tasks; gives these as claims rank them within their run. */
async function runsOf(open: TestDatabase, { runs, weight, priorities }: Kind) {
  const added = Array.from({ length: runs }, async () => {
    const run_id = await testRun(open.db, open.workspace_id, open.project_id);
    await sql(open.db, "update runs set weight = $1 where id = $2", weight, run_id);
    const tasks = Array.from({ length: TICKETS }, (_, i) =>
      newTask(open, { run_id, priority: priorities[i % priorities.length] ?? 5 }),
    );
    await submit(open.db, tasks);
    return tasks
      .map(({ id, priority }) => ({ id, priority }))
      .sort(byRank)
      .map((task, i) => ({ ...task, share: (i + 1) / weight }));
  });
  return (await Promise.all(added)).flat();
}

interface Ranked {
  id: string;
  priority: number;
  share?: number;
}

function byRank(one: Ranked, other: Ranked): number {
  return other.priority - one.priority || (one.share ?? 0) - (other.share ?? 0) || (one.id < other.id ? -1 : 1);
}

const FIRST = { most: TICKETS, wide: false };

/** The ids that one statement gives for so many tickets; the others are told that there is more. */
async function givenTo({ db }: TestDatabase, task_id: string, { most, wide } = FIRST): Promise<string[]> {
  const asked = Array.from({ length: most }, () => {
    const lease_id = newId();
    const asking = { lease_id, claim_id: lease_id, lease_ms: 60_000, agent_id: "agent", wide };
    return { task_id, stage: "dev" as const, ...asking };
  });
  const answers = await claimTickets(db, asked);
  const given = answers.flatMap((answer) => (answer === null || typeof answer === "string" ? [] : answer.id));
  expect(answers.filter((answer) => answer === "more")).toHaveLength(most - given.length);
  return given;
}

const EVEN = { weight: 1, priorities: [5] };

test.each<[string, Kind[]]>([
  ["all alike", [{ ...EVEN, runs: 30 }]],
  [
    "one of ten times the weight",
    [
      { ...EVEN, runs: 20 },
      { ...EVEN, runs: 1, weight: 10 },
    ],
  ],
  [
    "one of high priority",
    [
      { ...EVEN, runs: 20 },
      { ...EVEN, runs: 1, priorities: [9] },
    ],
  ],
  [
    "each with some of high priority",
    [
      { ...EVEN, runs: 10, priorities: [5, 9, 1] },
      { ...EVEN, runs: 10 },
    ],
  ],
])("many tickets are given what the same tickets would be given one by one, of runs that are %s", async (_, kinds) => {
  const open = await testDatabase({ connections: 1 });
  const ranked: Ranked[] = [];
  for (const kind of kinds) ranked.push(...(await runsOf(open, kind)));
  const expected = ranked.sort(byRank).map(({ id }) => id);
  const given = await givenTo(open, expected[0] ?? "");
  expect(given.length).toBeGreaterThan(0);
  expect(new Set(given)).toEqual(new Set(expected.slice(0, given.length)));
  given.push(...(await givenTo(open, expected[0] ?? "", { most: TICKETS - given.length, wide: true })));
  expect(new Set(given)).toEqual(new Set(expected.slice(0, TICKETS)));
});

test("who is told that there is nothing has seen all runs to their ends", async () => {
  const open = await testDatabase({ connections: 1 });
  const many = await runsOf(open, { ...EVEN, runs: 1 });
  for (let n = 0; n < 19; n += 1) {
    await submit(open.db, [newTask(open, { run_id: await testRun(open.db, open.workspace_id, open.project_id) })]);
  }
  const task_id = many[0]?.id ?? "";
  const some = await givenTo(open, task_id);
  const others = await givenTo(open, task_id, { most: TICKETS - some.length, wide: true });
  expect(new Set([...some, ...others]).size).toBe(TICKETS);
  expect(some.length).toBeLessThan(TICKETS);
  const left = await givenTo(open, task_id, { most: 19, wide: true });
  expect(left).toHaveLength(19);
  const lease_id = newId();
  const late = { ...{ task_id, stage: "dev" as const, lease_id, claim_id: lease_id }, lease_ms: 60_000 };
  expect(await claimTickets(open.db, [{ ...late, agent_id: "agent" }])).toEqual([null]);
});

test("a run whose tasks are all in the hands of others does not keep the others' from being given", async () => {
  const open = await testDatabase();
  const held = await runsOf(open, { runs: 1, weight: 1, priorities: [9] });
  const other = await submitted(open);
  const task_id = held[0]?.id ?? "";
  await open.db.transaction(async (tx) => {
    await sql(tx, "select from tasks where priority = 9 for no key update");
    expect(await givenTo(open, task_id, { most: 1, wide: false })).toEqual([]);
    expect(await givenTo(open, task_id, { most: 1, wide: true })).toEqual([other.id]);
  });
});
