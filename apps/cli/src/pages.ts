/** Reading a list of the API to its end. */
import type { ProblemView } from "@baton/domain/api";
import { answered } from "./complaint.ts";

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

type Called<T> = { ok: true; value: Page<T> } | { ok: false; problem: ProblemView };

export async function everyPage<T>(
  call: (page: { limit: number; cursor?: string }) => Promise<Called<T>>,
): Promise<T[]> {
  const all: T[] = [];
  for (let page: { limit: number; cursor?: string } = { limit: 200 }; ; ) {
    const { items, next_cursor } = answered(await call(page));
    all.push(...items);
    if (next_cursor === null) return all;
    page = { limit: 200, cursor: next_cursor };
  }
}
