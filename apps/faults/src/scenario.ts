/** What a scenario is: a promise, the fault that tries to break it, and what came of it. Who runs them and tells of them is `main.ts`. */
import type { Form } from "./options.ts";

/** Something that must never be seen, with what was seen. */
export interface Violation {
  /** Which invariant, e.g. `one accepted result per visit`. */
  invariant: string;
  detail: string;
}

export interface Outcome {
  /** Faults that the form plans and that were injected. Fewer than planned: the run proves nothing and is void. */
  planned: number;
  injected: number;
  violations: Violation[];
  /** What was measured, by name and with its unit in the name: `recovered_s`, `late_refused`. */
  figures: Record<string, number>;
}

/** What a scenario is given. */
export interface Round {
  /** `short` is what CI runs: all short forms together take minutes. `long` is by hand. */
  form: Form;
  /** Everything random follows from it. */
  seed: number;
  /** A folder of its own, kept when the scenario fails: histories, logs. */
  folder: string;
  /** Progress for people. */
  tell: (line: string) => void;
  /** From here on nothing is judged by times: others may begin. */
  measured: () => void;
}

export interface Scenario {
  name: string;
  /** Forms in which it is run without being asked for by name; both when left out. */
  forms?: readonly Form[];
  /** Nothing in it is judged by times: it may run beside others. Left out, it has the machine to itself until it says `measured`. */
  shares?: boolean;
  /** One sentence: what holds although … */
  promise: string;
  /** Why this machine cannot run it, null when it can: then it is left out, unless it is asked for by name. */
  unable?: () => Promise<string | null>;
  run(round: Round): Promise<Outcome>;
}

/** `void`: fewer faults than planned were injected. */
export type Verdict = "passed" | "failed" | "void";

export function verdictOf({ planned, injected, violations }: Outcome): Verdict {
  if (violations.length > 0) return "failed";
  return injected < planned ? "void" : "passed";
}
