/** Random lives of a task: commands in any order, by current and by late holders, with time passing in between. */
import fc from "fast-check";
import { type Command, type Decision, decide, type LeaseRef } from "../decide.ts";
import { replay, submitted, type TaskEvent } from "../events.ts";
import { FAULTS } from "../outcomes.ts";
import { STAGES } from "../stages.ts";
import type { Task } from "../task.ts";

/** Some time passes, then somebody says something. `late` picks a lease older than the newest. */
const step = fc.record({
  say: fc.oneof(
    { weight: 6, arbitrary: fc.constant("claim" as const) },
    { weight: 9, arbitrary: fc.constantFrom("pass", "reject", "fail", "release", "block") },
    { weight: 3, arbitrary: fc.constantFrom("expire", "unblock", "reopen") },
    { weight: 1, arbitrary: fc.constantFrom("advance", "send_back", "set_stage", "cancel") },
  ),
  after_ms: fc.constantFrom(0, 1, 5_000, 9_999, 10_000, 400_000),
  late: fc.constantFrom(0, 0, 0, 1, 2),
  stage: fc.constantFrom(...STAGES),
  fault: fc.constantFrom(...FAULTS),
  repeating: fc.nat(7).map((n) => n === 0),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const limits = fc.record({
  rejections: fc.nat(3),
  attempts: fc.integer({ min: 1, max: 3 }),
  crashes: fc.integer({ min: 1, max: 3 }),
});

/** What was asked, and what came of it. */
interface Taken {
  before: Task;
  command: Command;
  now: number;
  decision: Decision;
}

type Move = Omit<Taken, "decision"> & Extract<Decision, { ok: true }>;

export interface Life {
  limits: Task["limits"];
  log: TaskEvent[];
  /** Everything that was asked. */
  taken: Taken[];
  /** What of it was allowed. */
  moves: Move[];
}

/** Runs `check` on as many random lives as are worth it; a life that fails is made as short as possible and printed. */
export function inEveryLife(check: (life: Life) => void): void {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), limits, (steps, limit) => check(live(steps, limit))));
}

/** So many random lives in which a lot happens, for what cannot be asked of every life within a property. */
export function longLives(n: number): Life[] {
  const steps = fc.array(step, { minLength: 150, maxLength: 150 });
  return fc.sample(fc.tuple(steps, limits), n).map(([all, limit]) => live(all, limit));
}

const NEVER_GIVEN = { lease_id: "never given", epoch: 1 };

function live(steps: Step[], limit: Task["limits"]): Life {
  const log = [submitted("task", limit, false, 0)];
  const leases: LeaseRef[] = [];
  const taken: Taken[] = [];
  let before = replay(log);
  let now = 0;
  for (const [n, one] of steps.entries()) {
    now += one.after_ms;
    const command = commandOf(one, leases.at(-1 - one.late) ?? NEVER_GIVEN, n);
    const decision = decide(Object.freeze(before), command, now);
    taken.push({ before, command, now, decision });
    if (!decision.ok) continue;
    log.push(decision.event);
    before = decision.task;
    if (before.lease) leases.push({ lease_id: before.lease.id, epoch: before.epoch });
  }
  const moves = taken.flatMap(({ decision, ...more }) => (decision.ok ? [{ ...more, ...decision }] : []));
  return { limits: limit, log, taken, moves };
}

function commandOf({ say, stage, fault, random, repeating }: Step, held: LeaseRef, n: number): Command {
  switch (say) {
    case "claim":
      return { name: say, lease_id: `lease ${n}`, lease_s: 10, agent_id: "agent" };
    case "pass":
      return { name: say, reasons: [], ...held };
    case "reject":
      return { name: say, reasons: [], repeating, ...held };
    case "fail":
      return { name: say, fault, message: "", random, ...held };
    case "release":
      return { name: say, ...held };
    case "block":
      return { name: say, kind: "needs_input", reason: "", ...held };
    case "advance":
    case "send_back":
      return { name: say, notes: "" };
    case "set_stage":
      return { name: say, stage };
    case "cancel":
      return { name: say, reason: "" };
    case "expire":
    case "unblock":
    case "reopen":
      return { name: say };
  }
}
