/** Pages of lists: newest first, the cursor is the id of the last item. */
import type { Page } from "@baton/db";

export interface PageInput {
  limit: number;
  cursor?: string | undefined;
}

/** Reads one row more than asked, which tells whether there is a next page. */
export async function pageOf<Row, View extends { id: string }>(
  input: PageInput,
  read: (page: Page) => Promise<Row[]>,
  view: (row: Row) => View,
): Promise<{ items: View[]; next_cursor: string | null }> {
  const rows = await read({ limit: input.limit + 1, before: input.cursor ?? null });
  const items = rows.slice(0, input.limit).map(view);
  return { items, next_cursor: rows.length > input.limit ? (items.at(-1)?.id ?? null) : null };
}
