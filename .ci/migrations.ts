/**
 * Says whether `drizzle/` still is what the schema generates. Works on a copy and leaves the folder as it is; making the
 * missing migration is `npm run db:generate`.
 */
import { execFile } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";

const SCHEMA = "packages/db/src/schema/index.ts";
const IN_STEP = "No schema changes";

/** Nothing when schema and folder agree, otherwise what to look at. */
export async function driftOf(root: string): Promise<string | undefined> {
  const scratch = mkdtempSync(join(tmpdir(), "baton-migrations-"));
  try {
    cpSync(join(root, "drizzle"), join(scratch, "drizzle"), { recursive: true });
    const said = await generate(root, join(scratch, "drizzle"));
    return said.includes(IN_STEP) ? strayFiles(root) : [said, ...written(root, scratch)].join("\n");
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Adds to `out` what the schema has and `out` has not. The tool's exit code is 0 even when it fails, so what it prints
 * decides; and it cannot take an absolute `out`.
 */
export async function generate(root: string, out: string): Promise<string> {
  const tool = join(import.meta.dirname, "../node_modules/drizzle-kit/bin.cjs");
  const flags = ["--dialect", "postgresql", "--schema", SCHEMA, "--out", relative(root, out)];
  const child = promisify(execFile)(process.execPath, [tool, "generate", ...flags], { cwd: root, timeout: 60_000 });
  child.child.stdin?.end();
  const { stdout, stderr } = await child;
  return stdout + stderr;
}

/** The SQL of the migrations that generating added to the copy. */
function written(root: string, scratch: string): string[] {
  const known = new Set(migrationsIn(root));
  const added = migrationsIn(scratch).filter((name) => !known.has(name));
  return added.map((name) => readFileSync(join(scratch, "drizzle", name), "utf8"));
}

/** A migration that the journal does not name is never applied, and one without its file breaks every start. */
function strayFiles(root: string): string | undefined {
  const journal = JSON.parse(readFileSync(join(root, "drizzle/meta/_journal.json"), "utf8"));
  const named = journal.entries.map((entry: { tag: string }) => `${entry.tag}.sql`).sort();
  const there = migrationsIn(root);
  return named.join() === there.join()
    ? undefined
    : `the journal names ${named.join()}, the folder has ${there.join()}`;
}

function migrationsIn(folder: string): string[] {
  return globSync("*.sql", { cwd: join(folder, "drizzle") }).sort();
}

if (import.meta.main) {
  const drift = await driftOf(join(import.meta.dirname, ".."));
  console.log(
    drift === undefined ? "migrations: drizzle/ is what the schema generates" : `drizzle/ has drifted: ${drift}`,
  );
  process.exitCode = drift === undefined ? 0 : 1;
}
