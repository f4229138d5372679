/** I7: events are numbered without a gap, each begins where the one before ended, only allowed edges, they replay to the row, and the ledger holds. */
import { type EventRow, eventOf, taskOf } from "@baton/db";
import { nextPlace, placeEdges, replay, stateEdges, type Task, TRANSITIONS, type Transition } from "@baton/domain";
import type { Invariant, Life } from "../evidence.ts";
import { found } from "../told.ts";

export const eventSequence: Invariant = (_calls, { lives }) =>
  found(
    "events are whole and allowed",
    lives.flatMap((life) => {
      const broken = chain(life);
      // What does not hang together cannot be replayed.
      return [...broken, ...(broken.length === 0 ? replayed(life) : []), ...ledger(life)];
    }),
  );

function ledger({ task, ledger: problem }: Life): string[] {
  return problem === null ? [] : [`the ledger of task ${task.id} does not hold: ${problem}`];
}

const STATES = new Set(stateEdges());
const PLACES = new Set(placeEdges());

function chain({ task, events }: Life): string[] {
  if (events.length !== task.seq) return [`task ${task.id} is at event ${task.seq} and has ${events.length}`];
  return events.flatMap((event, i) => {
    const which = `event ${event.seq} of task ${task.id}`;
    const before = events[i - 1];
    const from = before === undefined ? "none new" : `${before.to_stage} ${before.to_state}`;
    const begins = `${event.from_stage} ${event.from_state}`;
    if (event.seq !== i + 1) return [`${which} stands where ${i + 1} should`];
    if (begins !== from) return [`${which} begins at ${begins}, the one before ended at ${from}`];
    return isAllowed(event)
      ? []
      : [`${which}: ${event.type} may not lead from ${begins} to ${event.to_stage} ${event.to_state}`];
  });
}

const ROWS = Object.values(TRANSITIONS) as Transition[];

function isAllowed({ type, from_state, to_state, from_stage, to_stage }: EventRow): boolean {
  const row = ROWS.find(({ event }) => event === type);
  if (row === undefined || !row.from.includes(from_state)) return false;
  if (!STATES.has(`${from_state}>${to_state}`) || !PLACES.has(`${from_stage}>${to_stage}`)) return false;
  if (row.stage === "same") return to_stage === from_stage;
  if (row.stage === "first" && row.past_limit === undefined) return to_stage === "dev" || from_stage === "none";
  if (row.stage !== "next") return true;
  return from_stage !== "none" && from_stage !== "complete" && to_stage === nextPlace(from_stage);
}

const COUNTS = ["stage", "state", "visit", "attempt", "epoch", "seq", "failures", "crashes", "rejections"] as const;

function replayed({ task, events }: Life): string[] {
  const made: Task = replay(events.map(eventOf));
  const row = taskOf(task);
  const differ = COUNTS.filter((name) => made[name] !== row[name]);
  return differ.map((name) => `task ${task.id}: its events make ${name} ${made[name]}, its row says ${row[name]}`);
}
