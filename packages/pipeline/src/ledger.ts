/** The ledger of a task as it leaves the house: `baton verify` checks it without us. */
import { type EventRow, readLedger } from "@baton/db";
import { LEDGER_FORMAT, ok, type Result, refused } from "@baton/domain";
import type { LedgerView } from "@baton/domain/api";
import type { Line } from "./line.ts";
import { visibleTask } from "./look.ts";
import type { Principal } from "./principal.ts";

export async function ledgerOf(line: Line, who: Principal, input: { id: string }): Promise<Result<LedgerView>> {
  const seen = await visibleTask(line, who, input.id);
  const stored = seen && (await readLedger(line.db, input.id));
  if (stored === null) return refused("not_found", "There is no such task.");
  return ok({
    format: LEDGER_FORMAT,
    task_id: input.id,
    head: stored.head.toString("hex"),
    entries: stored.events.map((event, i) => entryView(event, stored.events[i - 1])),
    packets: stored.packets,
    findings: stored.findings.map(({ workspace_id: _, task_id: __, ...finding }) => finding),
    artifacts: stored.artifacts.map(({ workspace_id: _, ...artifact }) => artifact),
  });
}

function entryView(event: EventRow, before: EventRow | undefined): LedgerView["entries"][number] {
  const { workspace_id: _, task_id: __, at, hash, ...fields } = event;
  return {
    ...fields,
    at: at.toISOString(),
    prev_hash: before?.hash.toString("hex") ?? "",
    hash: hash.toString("hex"),
  };
}
