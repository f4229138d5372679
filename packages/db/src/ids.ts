/** Ids: UUIDv7, so that they sort by the time they were made. */
import { v7 } from "uuid";

export function newId(): string {
  return v7();
}

/** An id that sorts after `id`, even when another machine made that one and its clock is ahead of ours. */
export function newIdAfter(id: string): string {
  const made_at = Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
  return v7({ msecs: Math.max(Date.now(), made_at + 1) });
}
