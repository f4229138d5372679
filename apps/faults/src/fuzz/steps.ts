/** The steps that agents and operators take in a sequence. What they name is chosen by number among what there is then, so that a step makes sense wherever it stands. */
import { STAGES } from "@baton/domain";
import fc from "fast-check";

const which = fc.nat(7);
const stage = fc.constantFrom(...STAGES);

const claim = fc.record({
  do: fc.constant("claim" as const),
  agent: fc.constantFrom("ann", "bob", "cyd"),
  stages: fc.uniqueArray(stage, { minLength: 1, maxLength: 4 }),
  /** Repeats the claim of an earlier lease. */
  again: fc.option(which, { freq: 6, nil: undefined }),
});

const holder = fc.record({
  do: fc.constantFrom("pass", "pass", "pass", "reject", "fail", "release", "block", "heartbeat", "findings"),
  /** Counted from the newest lease. */
  lease: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: which }),
  wrong_epoch: fc.nat(9).map((n) => n === 9),
  fault: fc.constantFrom("task", "task", "provider", "environment"),
  severity: fc.constantFrom("critical", "low"),
  /** By an agent that holds none of the leases. */
  stranger: fc.nat(11).map((n) => n === 11),
});

const operator = fc.record({
  do: fc.constantFrom("advance", "send_back", "set_stage", "cancel", "reopen", "unblock"),
  task: which,
  stage,
});

const run = fc.record({ do: fc.constantFrom("pause", "resume", "resume", "kill", "approve", "add") });
const look = fc.record({ do: fc.constantFrom("task", "timeline", "progress", "run", "queue"), task: which });
const repeat = fc.record({ do: fc.constant("repeat" as const), call: which });

const anyStep = fc.oneof(
  { weight: 30, arbitrary: claim.map((one) => ({ ...one, by: "claimer" as const })) },
  { weight: 40, arbitrary: holder.map((one) => ({ ...one, by: "holder" as const })) },
  { weight: 12, arbitrary: operator.map((one) => ({ ...one, by: "operator" as const })) },
  { weight: 5, arbitrary: run.map((one) => ({ ...one, by: "owner" as const })) },
  { weight: 6, arbitrary: look.map((one) => ({ ...one, by: "watcher" as const })) },
  { weight: 6, arbitrary: repeat.map((one) => ({ ...one, by: "repeater" as const })) },
);
export type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never;
export type StepBy<B extends Step["by"]> = Extract<Step, { by: B }>;

const STEPS_MAX = 50;

export const anySequence = fc.record({
  tasks: fc.array(fc.integer({ min: 4, max: 6 }), { minLength: 1, maxLength: 3 }),
  limits: fc.record({
    rejections: fc.nat(2),
    attempts: fc.integer({ min: 1, max: 2 }),
    crashes: fc.constant(1),
  }),
  approval: fc.constantFrom("none", "none", "required"),
  steps: fc.array(anyStep, { minLength: 1, maxLength: STEPS_MAX, size: "max" }),
});
export type Sequence = typeof anySequence extends fc.Arbitrary<infer S> ? S : never;
