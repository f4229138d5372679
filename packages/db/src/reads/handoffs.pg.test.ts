/** What is read of a task's log for its handoffs: as little as they need, and never less. */
import { type EventType, handoffsOf, type PacketMark, type StoredEvent, type TaskState } from "@baton/domain";
import { type Life, longLives } from "@baton/domain/testing";
import { expect, test } from "vitest";
import { events } from "../schema/index.ts";
import { submit } from "../submit.ts";
import { newTask, submitted, type TestDatabase, testDatabase } from "../testing/line.ts";
import { logUntil } from "./handoffs.ts";
import { eventOf, eventsOf } from "./history.ts";

const RESULTS = ["passed", "rejected", "advanced", "sent_back"];

/** Writes the life down as that of the task, with a packet for each result. `named`: its events say which. */
async function written({ db, workspace_id }: TestDatabase, task_id: string, { log, moves }: Life, named: boolean) {
  const packets: PacketMark[] = [];
  const rows = moves.map(({ task: { visit, attempt, epoch } }, i) => {
    // The first event of a life is its submission, which is there already.
    const { at, ...event } = log[i + 1] as Life["log"][number];
    const { type, from_stage, data } = event;
    const told = { task_id, workspace_id, visit, attempt, epoch, at: new Date(at), actor: "somebody" };
    const row = { ...event, ...told, hash: Buffer.alloc(32) };
    if (!RESULTS.includes(type)) return row;
    const version = packets.filter(({ phase }) => phase === from_stage).length + 1;
    const id = `${from_stage} ${version}`;
    packets.push({ id, phase: from_stage, version, rejection_reason: type === "rejected" ? `why ${id}` : null });
    return { ...row, data: named ? { ...data, packet: { id } } : data };
  });
  await db.orm.insert(events).values(rows);
  return packets;
}

async function wholeLog({ db }: TestDatabase, task_id: string): Promise<StoredEvent[]> {
  const rows = await eventsOf(db, task_id, 0, 10_000);
  return rows.map((row) => ({ ...eventOf(row), visit: row.visit, actor: row.actor }));
}

test("in random lives, at their ends and half way, handoffs follow from what is read as from the whole log", async () => {
  const open = await testDatabase();
  const lives = longLives(100);
  const tasks = await submit(
    open.db,
    lives.map(() => newTask(open)),
  );
  for (const [i, life] of lives.entries()) {
    const id = tasks[i]?.row.id ?? "";
    const packets = await written(open, id, life, i % 2 === 0);
    const whole = await wholeLog(open, id);
    for (const seq of [Math.ceil(whole.length / 2), whole.length]) {
      const told = whole.map(({ type, to_state }) => `${type} (${to_state})`).join(", ");
      const needed = await logUntil(open.db, id, seq);
      expect(handoffsOf(needed, packets), told).toEqual(handoffsOf(whole.slice(0, seq), packets));
    }
  }
});

type Step = readonly [type: EventType, from_state: TaskState, to_state: TaskState];

const CLAIMED: Step = ["claimed", "pending", "running"];
const RELEASED: Step = ["released", "running", "pending"];

/** Which events are read, by their numbers, of a task with which this has happened since its submission, the event 1. */
async function readOf(steps: readonly Step[]) {
  const open = await testDatabase();
  const { id: task_id, workspace_id } = await submitted(open);
  const place = { from_stage: "dev", to_stage: "dev", charged: "nothing", visit: 1, attempt: 1, epoch: 1 } as const;
  const rows = steps.map(([type, from_state, to_state], i) => ({
    ...{ task_id, workspace_id, seq: i + 2, type, from_state, to_state, ...place },
    ...{ actor: "agent", data: {}, hash: Buffer.alloc(32) },
  }));
  await open.db.orm.insert(events).values(rows);
  return async (until: number) => (await logUntil(open.db, task_id, until)).map(({ seq }) => seq);
}

test("of a task that is claimed and given back again and again the first and the last claim are read", async () => {
  const read = await readOf(Array.from({ length: 500 }, () => [CLAIMED, RELEASED]).flat());
  expect(await read(1_001)).toEqual([2, 1_000]);
  expect(await read(900)).toEqual([2, 900]);
  expect(await read(3)).toEqual([2]);
  expect(await read(1)).toEqual([]);
});

test.each(["attempt_failed", "expired"] as const)(
  "%s is read when the task fails by it, and only then",
  async (type) => {
    const goesOn: Step = [type, "running", "pending"];
    const fails: Step = [type, "running", "failed"];
    const read = await readOf([
      CLAIMED,
      goesOn,
      CLAIMED,
      goesOn,
      CLAIMED,
      fails,
      ["reopened", "failed", "pending"],
      CLAIMED,
    ]);
    expect(await read(9)).toEqual([2, 6, 7, 9]);
  },
);
