/** Looking at handoffs and at the packets that they transfer. Both come in the order of the task's log, the newest first. */
import { logUntil, packetMarks, packetsWithFindings, type TaskRow, taskOfPacket } from "@baton/db";
import { type Handoff, handoffsOf, isStage, ok, type Result, refused } from "@baton/domain";
import type { HandoffAnswer, HandoffList, HandoffView, ListHandoffs, ListPackets, PacketList } from "@baton/domain/api";
import type { Line } from "./line.ts";
import { NO_TASK, visibleTask } from "./look.ts";
import type { PageInput } from "./page.ts";
import type { Principal } from "./principal.ts";

interface ById {
  id: string;
}

export const NO_HANDOFF = refused("not_found", "There is no such handoff.");

/** A handoff with its task as both were at one moment; `now` is that moment by the database's clock. */
export interface FoundHandoff {
  handoff: Handoff;
  row: TaskRow;
  now: Date;
}

export async function listHandoffs(
  line: Line,
  who: Principal,
  input: ListHandoffs & ById,
): Promise<Result<HandoffList>> {
  const whole = await visibleTask(line, who, input.id);
  return whole === null ? NO_TASK : pageOfHandoffs(await newestFirst(line, whole.task), input);
}

function pageOfHandoffs(handoffs: readonly Handoff[], input: PageInput): Result<HandoffList> {
  const page = pageAfter(handoffs, input);
  return page.ok ? ok({ ...page.value, items: page.value.items.map(handoffView) }) : page;
}

export async function listPackets(line: Line, who: Principal, input: ListPackets & ById): Promise<Result<PacketList>> {
  const whole = await visibleTask(line, who, input.id);
  if (whole === null) return NO_TASK;
  const page = pageAfter(await newestFirst(line, whole.task), input);
  if (!page.ok) return page;
  const { items, next_cursor } = page.value;
  const ids = items.map(({ packet_id }) => packet_id);
  return ok({ items: await packetsWithFindings(line.db, ids), next_cursor });
}

export async function getHandoff(line: Line, who: Principal, { id }: ById): Promise<Result<HandoffAnswer>> {
  const found = await findHandoff(line, who, id);
  const seen = found && (await visibleTask(line, who, found.row.id));
  return found && seen ? ok({ handoff: handoffView(found.handoff) }) : NO_HANDOFF;
}

/** In the caller's workspace; whether an agent may see it is the caller's to ask. */
export async function findHandoff(line: Line, who: Principal, id: string): Promise<FoundHandoff | null> {
  const found = await taskOfPacket(line.db, who.workspace_id, id);
  if (found === null) return null;
  const handoff = (await newestFirst(line, found.row)).find((one) => one.id === id);
  return handoff ? { ...found, handoff } : null;
}

/** As of the task's row: what has happened since is left out. */
async function newestFirst(line: Line, { id, seq }: TaskRow): Promise<Handoff[]> {
  const log = await logUntil(line.db, id, seq);
  return handoffsOf(log, await packetMarks(line.db, id)).reverse();
}

/** The page after the item that the cursor names. */
function pageAfter<T extends ById>(
  all: readonly T[],
  { limit, cursor }: PageInput,
): Result<{ items: T[]; next_cursor: string | null }> {
  const seen = cursor === undefined ? -1 : all.findIndex(({ id }) => id === cursor);
  if (cursor !== undefined && seen === -1) {
    const detail = "is not the next_cursor of a page of this list";
    return refused("invalid_request", `/query/cursor: ${detail}.`, { errors: [{ pointer: "/query/cursor", detail }] });
  }
  const items = all.slice(seen + 1, seen + 1 + limit);
  return ok({ items, next_cursor: seen + 1 + limit < all.length ? (items.at(-1)?.id ?? null) : null });
}

export function handoffView({ from_stage, offered_at, accepted_at, ended_at, ...handoff }: Handoff): HandoffView {
  if (!isStage(from_stage)) throw new Error("a packet comes from a stage");
  const iso = (millis: number) => new Date(millis).toISOString();
  return {
    ...{ ...handoff, from_stage, offered_at: iso(offered_at) },
    accepted_at: accepted_at === null ? null : iso(accepted_at),
    ended_at: ended_at === null ? null : iso(ended_at),
  };
}
