/** Reading what hangs on tasks that have just finished. Costs the same however large their runs are. */
import type { Db } from "../client.ts";
import type { TaskRow } from "../rows.ts";
import { statement } from "../statements.ts";

export interface Hanging {
  /** Other tasks wait for one of them. */
  waited_for: boolean;
  /** Their runs that have no open task left. */
  over: string[];
}

const HANGING = statement("hanging");

export async function hangingOn(db: Db, finished: readonly TaskRow[]): Promise<Hanging> {
  const run_ids = new Set(finished.map((row) => row.run_id));
  const [found] = await db.run<Hanging & Record<string, unknown>>(HANGING, [
    finished.map((row) => row.id),
    [...run_ids],
  ]);
  return found ?? { waited_for: false, over: [] };
}
