/** The order in which tickets of one statement are given tasks of many runs: as if they came one by one. */
import { expect, test } from "vitest";
import { claimTickets } from "./claim.ts";
import { newId } from "./ids.ts";
import { submit } from "./submit.ts";
import { newTask, sql, type TestDatabase, testDatabase, testRun } from "./testing/line.ts";

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

/** The ids that one statement gives for so many tickets; the others are told to look again. */
async function givenTo({ db }: TestDatabase, task_id: string, tickets: number): Promise<string[]> {
  const asked = Array.from({ length: tickets }, () => {
    const lease_id = newId();
    return { ...{ task_id, stage: "dev" as const, lease_id, claim_id: lease_id, lease_ms: 60_000, agent_id: "agent" } };
  });
  const answers = await claimTickets(db, asked);
  expect(answers).not.toContain(null);
  expect(answers).not.toContain("limited");
  return answers.flatMap((answer) => (answer === null || typeof answer === "string" ? [] : answer.id));
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
  const given: string[] = [];
  while (given.length < TICKETS) {
    const some = await givenTo(open, expected[0] ?? "", TICKETS - given.length);
    expect(some.length).toBeGreaterThan(0);
    given.push(...some);
    expect(new Set(given)).toEqual(new Set(expected.slice(0, given.length)));
  }
});
