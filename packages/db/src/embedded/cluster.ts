/** The cluster on disk: made once, with a password only we know, and checked for its version ever after. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execFileSafely } from "./exec.ts";
import { CLUSTER } from "./notes.ts";
import { Refusal } from "./refusal.ts";
import { giveTo, type Runner } from "./runner.ts";

export const SUPERUSER = "baton";

const UNFINISHED = ".initdb-";

export type Making = { home: string; initdb: string; runner: Runner; password: string };

export async function ensureCluster(making: Making, major: string): Promise<void> {
  const cluster = join(making.home, CLUSTER);
  if (!existsSync(cluster)) await makeCluster(making, cluster);
  const found = (await readFile(join(cluster, "PG_VERSION"), "utf8")).trim();
  if (found === major) return;
  throw new Refusal(
    `The database in ${cluster} was made by Postgres ${found}, and this Baton brings Postgres ${major}. ` +
      `Start it with Postgres ${found} and move its contents over with pg_dump, or delete the folder to begin anew.`,
  );
}

/** The password lives as long as the cluster; only its owner may read it. */
export async function keepPassword(folder: string, home: string): Promise<string> {
  const note = join(folder, "password");
  const kept = existsSync(note) ? await readPassword(note) : "";
  if (kept !== "") return kept;
  if (existsSync(join(home, CLUSTER))) {
    throw new Refusal(`The password of the database in ${home} is missing: ${note} is not there, or empty.`);
  }
  const password = randomBytes(24).toString("base64url");
  await writeWhole(note, password);
  return password;
}

/** As a whole and on the disk, or not at all: a start that is cut short here must not lock everybody out of what it makes next. */
async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.draft`;
  await rm(draft, { force: true });
  await writeFile(draft, text, { mode: 0o600, flush: true });
  await rename(draft, path);
  const folder = await open(dirname(path));
  await folder.sync();
  await folder.close();
}

async function readPassword(note: string): Promise<string> {
  try {
    return (await readFile(note, "utf8")).trim();
  } catch (cause) {
    const advice = "Start Baton with the account that started it here before, or choose another BATON_DATA_DIR.";
    throw new Refusal(`${note} may not be read. ${advice}`, { cause });
  }
}

/** Made under a passing name and renamed, so that an interrupted start leaves no half a cluster in its place. */
async function makeCluster(making: Making, cluster: string): Promise<void> {
  await clearUnfinished(making.home);
  const work = await mkdtemp(join(making.home, UNFINISHED));
  await giveTo(making.runner, work);
  const password_file = join(work, "password");
  await writeFile(password_file, making.password, { mode: 0o600 });
  await giveTo(making.runner, password_file);
  const made = await execFileSafely(making.initdb, initdbArguments(join(work, CLUSTER), password_file), making.runner);
  if (!made.ok) throw new Error(`Making the database in ${making.home} failed: ${made.output}`);
  await rename(join(work, CLUSTER), cluster);
  await rm(work, { recursive: true });
}

function initdbArguments(cluster: string, password_file: string): string[] {
  return [
    `--pgdata=${cluster}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${password_file}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
  ];
}

async function clearUnfinished(home: string): Promise<void> {
  const left = (await readdir(home)).filter((name) => name.startsWith(UNFINISHED));
  await Promise.all(left.map((name) => rm(join(home, name), { recursive: true })));
}
