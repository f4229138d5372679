/** Reading the absolute ends of leases. */

import type { Db } from "../client.ts";
import { and, inArray, sql } from "../drizzle.ts";
import { attempts } from "../schema/index.ts";

/** Which of these leases are over because they were as long as a lease may be, and how many minutes that was. */
export async function leasesPastDeadline(db: Db, lease_ids: readonly string[]): Promise<Map<string, number>> {
  if (lease_ids.length === 0) return new Map();
  const minutes = sql<number>`round(extract(epoch from ${attempts.deadline_at} - ${attempts.started_at}) / 60)::int`;
  const rows = await db.orm
    .select({ id: attempts.id, minutes })
    .from(attempts)
    .where(and(inArray(attempts.id, [...lease_ids]), sql`${attempts.deadline_at} <= now()`));
  return new Map(rows.map((row) => [row.id, row.minutes]));
}
