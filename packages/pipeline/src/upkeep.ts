/** The always-on loops of the director as a list: what each does and how often. Two directors may run at once. */
import { closeBudgets, forgetOldAnswers } from "@baton/db";
import { watchContracts } from "./contract-watch.ts";
import type { OpenLine } from "./line.ts";
import { collectOrphans } from "./orphans.ts";
import { openReconciler } from "./reconciler.ts";
import { openRecorder } from "./recorder.ts";
import { relayTickets } from "./relay.ts";
import { rescueTasks } from "./rescuer.ts";
import { settleRuns } from "./settle-run.ts";
import { unblockWaiting } from "./waiting.ts";

export interface Upkeep {
  name:
    | "relay"
    | "rescuer"
    | "reconciler"
    | "unblocker"
    | "settler"
    | "contract watch"
    | "budget watch"
    | "recorder"
    | "pruner"
    | "collector";
  every_ms: number;
  /** One pass; gives how much it did. Safe to repeat, and safe when another director does the same. */
  tick(): Promise<number>;
}

export function upkeepOf(line: OpenLine): Upkeep[] {
  const reconciler = openReconciler(line);
  const recorder = openRecorder(line);
  return [
    { name: "relay", every_ms: 500, tick: () => relayTickets(line) },
    { name: "rescuer", every_ms: 2_000, tick: () => rescueTasks(line) },
    { name: "reconciler", every_ms: 5_000, tick: () => reconciler.tick() },
    { name: "unblocker", every_ms: 2_000, tick: () => unblockWaiting(line) },
    { name: "settler", every_ms: 2_000, tick: () => settleRuns(line) },
    { name: "contract watch", every_ms: 5_000, tick: () => watchContracts(line) },
    { name: "budget watch", every_ms: 2_000, tick: () => closeBudgets(line.db) },
    { name: "recorder", every_ms: 1_000, tick: () => recorder.tick() },
    { name: "pruner", every_ms: 600_000, tick: () => forgetOldAnswers(line.db).then(() => 0) },
    { name: "collector", every_ms: 600_000, tick: () => collectOrphans(line) },
  ];
}
