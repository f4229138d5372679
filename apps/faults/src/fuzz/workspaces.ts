/** Workspaces of a scenario's own, made past the API: nobody else's tasks are claimed in one, and what is written in it can be counted. */
import { createHash, randomBytes } from "node:crypto";
import { insertToken, newId, openDatabase } from "@baton/db";

export interface Workspace {
  id: string;
  /** An admin's. */
  token: string;
  /** Rows by table, of everything that is kept for good. */
  count(): Promise<Record<string, number>>;
}

export interface Workspaces {
  open(name: string): Promise<Workspace>;
  close(): Promise<void>;
}

const TABLES = {
  name: "fuzz_tables",
  text: `select distinct table_name as name from information_schema.columns
    where table_schema = 'public' and column_name = 'workspace_id'`,
};
const NEW = { name: "fuzz_workspace", text: "insert into workspaces (id, name) values ($1, $2)" };
const KEYS = `select 'idempotency_keys' as name, count(*) as rows from idempotency_keys
  where token_id in (select id from api_tokens where workspace_id = $1)`;

export async function openWorkspaces(database_url: string): Promise<Workspaces> {
  const db = openDatabase(database_url, { connections: 4 });
  const tables = await db.run<{ name: string }>(TABLES, []);
  const counts = tables.map(
    ({ name }) => `select '${name}' as name, count(*) as rows from ${name} where workspace_id = $1`,
  );
  const statement = { name: "fuzz_counts", text: [...counts, KEYS].join(" union all ") };
  const open = async (name: string): Promise<Workspace> => {
    const id = newId();
    await db.run(NEW, [id, name]);
    const token = `baton_admin_${randomBytes(32).toString("base64url")}`;
    const hash = createHash("sha256").update(token).digest("hex");
    await insertToken(db, { workspace_id: id, name, role: "admin", stages: null, prefix: token.slice(0, 18), hash });
    const count = async () => {
      const rows = await db.run<{ name: string; rows: number }>(statement, [id]);
      return Object.fromEntries(rows.map((row) => [row.name, row.rows]));
    };
    return { id, token, count };
  };
  return { open, close: () => db.close() };
}
