/** Tokens: 256 random bits with a readable prefix, kept as their SHA-256. */
import { createHash, randomBytes } from "node:crypto";
import {
  type Db,
  firstWorkspace,
  hasToken,
  insertToken,
  knownToken,
  pageOfTokens,
  revokeToken as revokeRow,
  type TokenRow,
  tokenByHash,
  tokenById,
} from "@baton/db";
import { isStage, ok, type Result, type Role, refused, type Stage } from "@baton/domain";
import type { CreatedToken, CreateToken, ListTokens, TokenList } from "@baton/domain/api";
import type { Line } from "./line.ts";
import { pageOf } from "./page.ts";
import type { Principal } from "./principal.ts";
import { tokenView } from "./views.ts";

const PREFIX: Record<Role, string> = { admin: "baton_admin_", producer: "baton_producer_", agent: "baton_agent_" };

/** Null for a token that was never there or is revoked. The look-up is by digest, so its time tells nothing about the token. */
export async function authenticate(line: Line, token: string): Promise<Principal | null> {
  const row = await tokenByHash(line.db, digest(token));
  return row && principalOf(row);
}

/** What signs the sessions opened with this token, the same in every process; null when the token is revoked. */
export async function sessionKey(line: Line, token_id: string): Promise<{ who: Principal; key: string } | null> {
  const row = await tokenById(line.db, token_id);
  return row && { who: principalOf(row), key: digest(`session ${row.hash}`) };
}

/** The wanted admin's token opens nothing, or not what an admin's does. The message says what to do about it. */
export class AdminTokenUnfit extends Error {
  override name = "AdminTokenUnfit";
}

/**
 * Makes sure that an admin can get in: with the wanted token, or with one made now when there is none at all. That one is
 * kept before the commit: a token that nobody was told would lock everybody out. Throws `AdminTokenUnfit`.
 */
export async function ensureAdminToken(
  line: Line,
  wanted: string | null,
  keep: (made: string) => Promise<void> = async () => {},
): Promise<{ token: string | null }> {
  return line.db.transaction(async (db) => {
    const workspace_id = await firstWorkspace(db);
    const there = wanted === null ? await hasToken(db, workspace_id, "admin") : await isAdmins(db, wanted);
    if (there) return { token: null };
    const token = wanted ?? newToken("admin");
    const stored = { workspace_id, name: "admin", role: "admin" as const, stages: null, prefix: prefixOf(token) };
    await insertToken(db, { ...stored, hash: digest(token) });
    if (wanted !== null) return { token: null };
    await keep(token);
    return { token };
  });
}

/** False for a text that was never a token here. */
async function isAdmins(db: Db, wanted: string): Promise<boolean> {
  const row = await knownToken(db, digest(wanted));
  if (row === null) return false;
  const { role, revoked_at } = row;
  if (role === "admin" && revoked_at === null) return true;
  const fault = revoked_at === null ? `is not an admin's: its role is ${role}` : "was revoked";
  throw new AdminTokenUnfit(`The token in BATON_ADMIN_TOKEN ${fault}. Set BATON_ADMIN_TOKEN to another one.`);
}

/** The only answer that holds the token. */
export async function createToken(line: Line, who: Principal, input: CreateToken): Promise<Result<CreatedToken>> {
  const token = newToken(input.role);
  const { name, role, stages } = input;
  const stored = { workspace_id: who.workspace_id, name, role, stages: stages ?? null, prefix: prefixOf(token) };
  const row = await insertToken(line.db, { ...stored, hash: digest(token) });
  return ok({ ...tokenView(row), token });
}

export async function listTokens(line: Line, who: Principal, input: ListTokens): Promise<Result<TokenList>> {
  return ok(await pageOf(input, (page) => pageOfTokens(line.db, who.workspace_id, page), tokenView));
}

export async function revokeToken(line: Line, who: Principal, { id }: { id: string }): Promise<Result<null>> {
  return (await revokeRow(line.db, who.workspace_id, id)) ? ok(null) : refused("not_found", "There is no such token.");
}

function principalOf(row: TokenRow): Principal {
  const { id: token_id, workspace_id, role, name } = row;
  const stages: Stage[] | null = row.stages?.filter(isStage) ?? null;
  return { token_id, workspace_id, role, name, stages };
}

function newToken(role: Role): string {
  return `${PREFIX[role]}${randomBytes(32).toString("base64url")}`;
}

/** How it begins, to tell it from others: never more than a third of it. */
function prefixOf(token: string): string {
  return token.slice(0, Math.min(18, Math.floor(token.length / 3)));
}

function digest(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
