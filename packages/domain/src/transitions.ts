/** The one table by which tasks move. `decide.ts` is its only reader; the database's constraints and the state table in the docs are derived from it. */
import type { TaskState } from "./states.ts";

export interface Transition {
  /** States in which the command is allowed. `new`: there is no task yet. */
  from: readonly (TaskState | "new")[];
  /** What the caller must hold: a current lease, a lease that is over, or nothing. */
  needs: "lease" | "lease_over" | "nothing";
  /** The state it leads to, and the one it leads to instead when the counter of `charged` has reached its limit. */
  becomes: TaskState;
  past_limit?: TaskState;
  /** The state it leads to when it says the same as the time before and nothing has changed in between. */
  repeating?: TaskState;
  /** Where the task stands afterwards. Passing the last stage leads to `complete`, which makes the state `completed`. */
  stage: "same" | "first" | "next" | "asked";
  /** Whether a new visit begins. A task visits a place once per visit. */
  visit: "same" | "next";
  /** The counter that goes up. An attempt is charged only when the fault is the task's. */
  charged: Charge;
  /** The event it leaves, past tense. */
  event: EventType;
  /** What else it leaves behind, for the reader. */
  leaves: readonly ("packet" | "findings" | "lease" | "ticket" | "ticket when due")[];
}

export const CHARGES = ["nothing", "loop_back", "attempt", "crash", "resets"] as const;
export type Charge = (typeof CHARGES)[number];

export const EVENT_TYPES = [
  "submitted",
  "claimed",
  "passed",
  "rejected",
  "attempt_failed",
  "expired",
  "released",
  "blocked",
  "unblocked",
  "advanced",
  "sent_back",
  "stage_set",
  "cancelled",
  "reopened",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

const row = <const T extends Transition>(transition: T) => transition;
const SAME = { stage: "same", visit: "same", charged: "nothing", leaves: [] } as const;
const HELD = { from: ["running"], needs: "lease" } as const;

export const TRANSITIONS = {
  submit: row({
    ...SAME,
    from: ["new"],
    needs: "nothing",
    becomes: "pending",
    stage: "first",
    event: "submitted",
    leaves: ["ticket"],
  }),
  claim: row({ ...SAME, from: ["pending"], needs: "nothing", becomes: "running", event: "claimed", leaves: ["lease"] }),
  pass: row({ ...SAME, ...HELD, becomes: "pending", stage: "next", event: "passed", leaves: ["packet", "ticket"] }),
  reject: row({
    ...HELD,
    becomes: "pending",
    past_limit: "failed",
    repeating: "failed",
    stage: "first",
    visit: "next",
    charged: "loop_back",
    event: "rejected",
    leaves: ["packet", "findings", "ticket"],
  }),
  fail: row({
    ...SAME,
    ...HELD,
    becomes: "pending",
    past_limit: "failed",
    charged: "attempt",
    event: "attempt_failed",
    leaves: ["ticket when due"],
  }),
  expire: row({
    ...SAME,
    from: ["running"],
    needs: "lease_over",
    becomes: "pending",
    past_limit: "failed",
    charged: "crash",
    event: "expired",
    leaves: ["ticket"],
  }),
  release: row({ ...SAME, ...HELD, becomes: "pending", event: "released", leaves: ["ticket"] }),
  block: row({ ...SAME, ...HELD, becomes: "blocked", event: "blocked" }),
  unblock: row({
    ...SAME,
    from: ["blocked"],
    needs: "nothing",
    becomes: "pending",
    event: "unblocked",
    leaves: ["ticket"],
  }),
  advance: row({
    ...SAME,
    from: ["pending", "blocked"],
    needs: "nothing",
    becomes: "pending",
    stage: "next",
    event: "advanced",
    leaves: ["packet", "ticket"],
  }),
  send_back: row({
    from: ["pending", "blocked"],
    needs: "nothing",
    becomes: "pending",
    past_limit: "failed",
    stage: "first",
    visit: "next",
    charged: "loop_back",
    event: "sent_back",
    leaves: ["packet", "ticket"],
  }),
  set_stage: row({
    from: ["pending", "blocked", "completed", "failed", "cancelled"],
    needs: "nothing",
    becomes: "pending",
    stage: "asked",
    visit: "next",
    charged: "nothing",
    event: "stage_set",
    leaves: ["ticket"],
  }),
  cancel: row({
    ...SAME,
    from: ["pending", "running", "blocked"],
    needs: "nothing",
    becomes: "cancelled",
    event: "cancelled",
  }),
  reopen: row({
    ...SAME,
    from: ["failed", "cancelled"],
    needs: "nothing",
    becomes: "pending",
    charged: "resets",
    event: "reopened",
    leaves: ["ticket"],
  }),
} as const satisfies Record<string, Transition>;

export type CommandName = keyof typeof TRANSITIONS;
export const COMMAND_NAMES = Object.keys(TRANSITIONS) as CommandName[];

/** Commands that a task in `state` accepts: what a refusal tells the caller. */
export function allowedCommands(state: TaskState): CommandName[] {
  return COMMAND_NAMES.filter((name) => TRANSITIONS[name].from.some((from) => from === state));
}
