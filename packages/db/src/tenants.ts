/** Workspaces and tokens, by the token's SHA-256. */
import type { Role, Stage } from "@baton/domain";
import type { Db } from "./client.ts";
import { and, asc, desc, eq, isNull, lt, sql } from "./drizzle.ts";
import { newId } from "./ids.ts";
import type { Page } from "./projects.ts";
import { api_tokens, workspaces } from "./schema/index.ts";

export type TokenRow = typeof api_tokens.$inferSelect;

/** The workspace of this installation, made when there is none yet. */
export async function firstWorkspace(tx: Db): Promise<string> {
  await tx.orm.execute(sql`lock table ${workspaces} in share row exclusive mode`);
  const [found] = await tx.orm.select().from(workspaces).orderBy(asc(workspaces.created_at)).limit(1);
  if (found) return found.id;
  const id = newId();
  await tx.orm.insert(workspaces).values({ id, name: "default" });
  return id;
}

export interface NewToken {
  workspace_id: string;
  name: string;
  role: Role;
  stages: readonly Stage[] | null;
  prefix: string;
  hash: string;
}

export async function insertToken(db: Db, token: NewToken): Promise<TokenRow> {
  const values = { id: newId(), ...token, stages: token.stages === null ? null : [...token.stages] };
  const [row] = await db.orm.insert(api_tokens).values(values).returning();
  if (row === undefined) throw new Error("the token was not written");
  return row;
}

/** The live token with this hash. */
export async function tokenByHash(db: Db, hash: string): Promise<TokenRow | null> {
  const [row] = await db.orm
    .select()
    .from(api_tokens)
    .where(and(eq(api_tokens.hash, hash), isNull(api_tokens.revoked_at)));
  return row ?? null;
}

/** The token with this hash, revoked or not. */
export async function knownToken(db: Db, hash: string): Promise<TokenRow | null> {
  const [row] = await db.orm.select().from(api_tokens).where(eq(api_tokens.hash, hash));
  return row ?? null;
}

/** The live token with this id. */
export async function tokenById(db: Db, id: string): Promise<TokenRow | null> {
  const [row] = await db.orm
    .select()
    .from(api_tokens)
    .where(and(eq(api_tokens.id, id), isNull(api_tokens.revoked_at)));
  return row ?? null;
}

export async function pageOfTokens(db: Db, workspace_id: string, page: Page): Promise<TokenRow[]> {
  const older = page.before === null ? undefined : lt(api_tokens.id, page.before);
  return db.orm
    .select()
    .from(api_tokens)
    .where(and(eq(api_tokens.workspace_id, workspace_id), isNull(api_tokens.revoked_at), older))
    .orderBy(desc(api_tokens.id))
    .limit(page.limit);
}

/** Whether a live token of this role is there. */
export async function hasToken(db: Db, workspace_id: string, role: Role): Promise<boolean> {
  const live = and(eq(api_tokens.workspace_id, workspace_id), isNull(api_tokens.revoked_at));
  const rows = await db.orm
    .select({ id: api_tokens.id })
    .from(api_tokens)
    .where(and(live, eq(api_tokens.role, role)))
    .limit(1);
  return rows.length > 0;
}

/** False when the workspace has no such live token. */
export async function revokeToken(db: Db, workspace_id: string, id: string): Promise<boolean> {
  const rows = await db.orm
    .update(api_tokens)
    .set({ revoked_at: sql`now()` })
    .where(and(eq(api_tokens.workspace_id, workspace_id), eq(api_tokens.id, id), isNull(api_tokens.revoked_at)))
    .returning({ id: api_tokens.id });
  return rows.length > 0;
}
