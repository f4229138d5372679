/** The checker: every invariant over one history and what is there afterwards. */
import type { Call } from "../history/read.ts";
import { callsOf, readEntries } from "../history/read.ts";
import type { Violation } from "../scenario.ts";
import type { Evidence, Invariant } from "./evidence.ts";
import { allOrNothing } from "./invariants/all-or-nothing.ts";
import { artifactsHold } from "./invariants/artifacts.ts";
import { eventSequence } from "./invariants/event-sequence.ts";
import { existsAndEnds } from "./invariants/exists-and-ends.ts";
import { handedOn } from "./invariants/handed-on.ts";
import { oneLeaseAtATime } from "./invariants/leases.ts";
import { limitsHold } from "./invariants/limits.ts";
import { linearizable } from "./invariants/linearizable.ts";
import { nothingUnasked } from "./invariants/nothing-unasked.ts";
import { oneResultPerVisit } from "./invariants/one-result.ts";
import { outboxIsEvents } from "./invariants/outbox.ts";
import { pauseAndKill } from "./invariants/pause-and-kill.ts";
import { storedAsSent } from "./invariants/stored-as-sent.ts";
import { type Places, readEvidence } from "./read-evidence.ts";

const INVARIANTS: readonly Invariant[] = [
  ...[existsAndEnds, nothingUnasked, oneLeaseAtATime, oneResultPerVisit, storedAsSent, allOrNothing, eventSequence],
  ...[linearizable, limitsHold, pauseAndKill, handedOn, outboxIsEvents, artifactsHold],
];

/** Pure. In the order of the invariants. */
export function checkAll(calls: readonly Call[], evidence: Evidence): Violation[] {
  return INVARIANTS.flatMap((invariant) => invariant(calls, evidence));
}

/** Reads the histories of a folder and what the cluster holds after healing, and tells everything that does not fit. */
export async function checkHistory(
  folder: string,
  places: Places,
): Promise<{ calls: Call[]; violations: Violation[] }> {
  const calls = callsOf(readEntries(folder));
  return { calls, violations: checkAll(calls, await readEvidence(places)) };
}
