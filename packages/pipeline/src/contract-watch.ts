/** Watches the time that contracts give: an attempt whose handoff does not come in it is ended, as the contract says. Its holder hears it at the next heartbeat. */
import { type OverdueHandoff, overdueHandoffs, taskOf } from "@baton/db";
import { type Command, decide, faultOfBroken } from "@baton/domain";
import type { Line, OpenLine } from "./line.ts";

const PAGE = 200;

/** Ends what is overdue, page by page, and gives how many it ended. One that cannot be ended holds up no other. */
export async function watchContracts(line: OpenLine): Promise<number> {
  let ended = 0;
  for (;;) {
    const overdue = await overdueHandoffs(line.db, PAGE);
    const ends = await Promise.allSettled(overdue.map((one) => end(line, one)));
    const done = ends.filter((one) => one.status === "fulfilled" && one.value).length;
    ended += done;
    for (const one of ends) if (one.status === "rejected") line.onError(one.reason);
    if (overdue.length < PAGE || done === 0) return ended;
  }
}

/** By compare-and-set, in the holder's place: an attempt that is completed at the same moment is left alone. */
async function end(line: Line, { task, version, definition, now }: OverdueHandoff): Promise<boolean> {
  const before = taskOf(task);
  if (before.lease === null) return false;
  const fault = faultOfBroken(definition);
  const message = `no handoff that keeps version ${version} of the contract came within ${definition.timeout_minutes} minutes of the claim`;
  const lease = { lease_id: before.lease.id, epoch: before.epoch };
  const command: Command = { name: "fail", fault, message, random: Math.random(), ...lease };
  const decision = decide(before, command, now.getTime());
  if (!decision.ok) return false;
  const { task: after, event } = decision;
  const attempt = { outcome: "fail", fault, message } as const;
  const applied = await line.write({ command: "fail", before, after, event, actor: "baton", attempt });
  if (applied) line.announce([applied]);
  return applied !== null;
}
