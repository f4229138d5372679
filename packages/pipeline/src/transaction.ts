/** Verbs that write more than once do it in one transaction. What follows a commit (tickets, dependents, runs) waits for that commit. */
import { apply } from "@baton/db";
import type { Ticket } from "@baton/queue";
import type { Line, Written } from "./line.ts";

interface Afterwards {
  announced: Written[];
  withdrawn: Ticket[];
}

/** Runs `work` on the same line inside one transaction. `work` may be run again after a collision with another one. */
export async function inTransaction<T>(line: Line, work: (line: Line) => Promise<T>): Promise<T> {
  const { value, announced, withdrawn } = await line.db.transaction(async (db) => {
    const afterwards: Afterwards = { announced: [], withdrawn: [] };
    return { value: await work(lineIn(line, db, afterwards)), ...afterwards };
  });
  line.announce(announced);
  if (withdrawn.length > 0) line.withdraw(withdrawn);
  return value;
}

function lineIn({ store }: Line, db: Line["db"], { announced, withdrawn }: Afterwards): Line {
  return {
    db,
    store,
    // Alone in its statement: its ticket is its own.
    write: async (change) => (await apply(db, [change]))[0] ?? null,
    announce: (written) => {
      announced.push(...written);
    },
    withdraw: (tickets) => {
      withdrawn.push(...tickets);
    },
  };
}
