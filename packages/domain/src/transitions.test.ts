/** The whole matrix: every state × every command × every place, held against the table of the design as it is written here once more by hand. */
import { expect, test } from "vitest";
import { decide } from "./decide.ts";
import { PLACES, type Place } from "./stages.ts";
import { TASK_STATES, type TaskState } from "./states.ts";
import { COMMANDS, NOW, taskAt } from "./testing/index.ts";
import { allowedCommands, COMMAND_NAMES, type CommandName } from "./transitions.ts";

interface Law {
  from: TaskState[];
  becomes: TaskState;
  stage: "same" | "next" | "dev" | "sec";
  visits: 0 | 1;
  charged: string;
}

/** `sec` is the place that the set_stage of these tests asks for. */
const LAW: Record<keyof typeof COMMANDS, Law> = {
  claim: { from: ["pending"], becomes: "running", stage: "same", visits: 0, charged: "nothing" },
  pass: { from: ["running"], becomes: "pending", stage: "next", visits: 0, charged: "nothing" },
  reject: { from: ["running"], becomes: "pending", stage: "dev", visits: 1, charged: "loop_back" },
  fail: { from: ["running"], becomes: "pending", stage: "same", visits: 0, charged: "attempt" },
  expire: { from: ["running"], becomes: "pending", stage: "same", visits: 0, charged: "crash" },
  release: { from: ["running"], becomes: "pending", stage: "same", visits: 0, charged: "nothing" },
  block: { from: ["running"], becomes: "blocked", stage: "same", visits: 0, charged: "nothing" },
  unblock: { from: ["blocked"], becomes: "pending", stage: "same", visits: 0, charged: "nothing" },
  advance: { from: ["pending", "blocked"], becomes: "pending", stage: "next", visits: 0, charged: "nothing" },
  send_back: { from: ["pending", "blocked"], becomes: "pending", stage: "dev", visits: 1, charged: "loop_back" },
  set_stage: {
    ...{ from: ["pending", "blocked", "completed", "failed", "cancelled"], becomes: "pending", stage: "sec" },
    ...{ visits: 1, charged: "nothing" },
  },
  cancel: {
    from: ["pending", "running", "blocked"],
    becomes: "cancelled",
    stage: "same",
    visits: 0,
    charged: "nothing",
  },
  reopen: { from: ["failed", "cancelled"], becomes: "pending", stage: "same", visits: 0, charged: "resets" },
};

const ALLOWED: Record<TaskState, CommandName[]> = {
  pending: ["claim", "advance", "send_back", "set_stage", "cancel"],
  running: ["pass", "reject", "fail", "expire", "release", "block", "cancel"],
  blocked: ["unblock", "advance", "send_back", "set_stage", "cancel"],
  completed: ["set_stage"],
  failed: ["set_stage", "reopen"],
  cancelled: ["set_stage", "reopen"],
};

const NEXT: Record<Place, Place> = {
  none: "none",
  dev: "qa",
  qa: "sec",
  sec: "docs",
  docs: "complete",
  complete: "complete",
};

const names = Object.keys(LAW) as (keyof typeof LAW)[];
const cells = names.flatMap((name) => TASK_STATES.flatMap((state) => PLACES.map((place) => ({ name, state, place }))));

function lawful({ name, state, place }: (typeof cells)[number]): boolean {
  const works = place !== "none" && place !== "complete";
  return LAW[name].from.includes(state) && (works || name === "set_stage");
}

/** A lease that is over for the rescuer, one that lives for everybody else. */
function taskFor({ name, state, place }: (typeof cells)[number]) {
  const task = taskAt(state, place);
  return name === "expire" && task.lease ? { ...task, lease: { ...task.lease, expires_at: NOW } } : task;
}

test.each(cells.filter(lawful))("$name moves a $state task at $place as the table says", (cell) => {
  const before = taskFor(cell);
  const decision = decide(before, COMMANDS[cell.name], NOW);
  if (!decision.ok) throw new Error(decision.refusal.detail);
  const { becomes, stage, visits, charged } = LAW[cell.name];
  const to = stage === "same" ? cell.place : stage === "next" ? NEXT[cell.place] : stage;
  expect(decision.task.stage).toBe(to);
  expect(decision.task.state).toBe(to === "complete" ? "completed" : becomes);
  expect(decision.task.visit).toBe(before.visit + visits);
  expect(decision.event).toMatchObject({
    charged,
    seq: before.seq + 1,
    from_stage: cell.place,
    from_state: cell.state,
  });
});

test.each(cells.filter((cell) => !lawful(cell)))("$name is refused for a $state task at $place", (cell) => {
  const decision = decide(taskFor(cell), COMMANDS[cell.name], NOW);
  if (decision.ok) throw new Error("allowed");
  expect(decision.refusal.allowed).toEqual(ALLOWED[cell.state]);
  expect(decision.refusal.detail).not.toBe("");
});

test("what a state allows is what a refusal names", () => {
  for (const state of TASK_STATES) expect(allowedCommands(state)).toEqual(ALLOWED[state]);
});

test("there is no command beside submit and those of the table", () => {
  expect([...COMMAND_NAMES].sort()).toEqual(["submit", ...names].sort());
});
