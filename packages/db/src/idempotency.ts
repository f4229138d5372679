/** Answers kept for repeated requests. A key is written in the transaction of the change it belongs to. */

import type { Db } from "./client.ts";
import { and, eq, sql } from "./drizzle.ts";
import { idempotency_keys } from "./schema/index.ts";

export interface RequestKey {
  token_id: string;
  route: string;
  key: string;
}

export interface KeptAnswer {
  request_hash: string;
  status: number;
  body: string;
}

/** False when another request with this key is running now. The lock ends with the transaction. */
export async function lockKey(tx: Db, { token_id, route, key }: RequestKey): Promise<boolean> {
  const name = `${token_id} ${route} ${key}`;
  const { rows } = await tx.orm.execute<{ locked: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as locked`,
  );
  return rows[0]?.locked === true;
}

export async function keptAnswer(tx: Db, { token_id, route, key }: RequestKey): Promise<KeptAnswer | null> {
  const [row] = await tx.orm
    .select()
    .from(idempotency_keys)
    .where(
      and(eq(idempotency_keys.token_id, token_id), eq(idempotency_keys.route, route), eq(idempotency_keys.key, key)),
    );
  return row ?? null;
}

export async function keepAnswer(tx: Db, request: RequestKey, answer: KeptAnswer): Promise<void> {
  await tx.orm.insert(idempotency_keys).values({ ...request, ...answer });
}

/** Answers are kept for a day. */
export async function forgetOldAnswers(db: Db): Promise<void> {
  await db.orm.delete(idempotency_keys).where(sql`${idempotency_keys.created_at} < now() - interval '1 day'`);
}
