/** Circuits: credentials and providers whose quota is used up. They close by themselves when their time has come. */

import type { Db } from "./client.ts";
import { sql } from "./drizzle.ts";
import { circuits } from "./schema/index.ts";

export interface UsedUp {
  workspace_id: string;
  credential: string;
  until: Date;
  reason: string;
}

/** Of several who say so the latest time counts. */
export async function openCircuit(tx: Db, used_up: UsedUp): Promise<void> {
  await tx.orm
    .insert(circuits)
    .values(used_up)
    .onConflictDoUpdate({
      target: [circuits.workspace_id, circuits.credential],
      set: {
        until: sql`greatest(${circuits.until}, excluded.until)`,
        reason: sql`excluded.reason`,
        opened_at: sql`case when ${circuits.until} <= now() then now() else ${circuits.opened_at} end`,
      },
    });
}
