/** Everything about a data folder's database that is settled before its server runs: where, by whom, with what. */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Binaries, copyInto, findInstallation, type Installation, tryOut } from "./binaries.ts";
import { ensureCluster, keepPassword } from "./cluster.ts";
import { findHome, makeHome } from "./home.ts";
import { CLUSTER } from "./notes.ts";
import { Refusal } from "./refusal.ts";
import { chooseRunner, type Runner } from "./runner.ts";
import { clearUnwanted, openShelter } from "./shelter.ts";

export type Site = {
  /** Inside the data folder: password, port, log, and the pointer when home is elsewhere. */
  folder: string;
  /** Holds the cluster. */
  home: string;
  cluster: string;
  runner: Runner;
  postgres: string;
  password: string;
};

export async function prepareSite(data_dir: string, shelters: readonly string[]): Promise<Site> {
  const folder = join(resolve(data_dir), "postgres");
  await mkdir(folder, { recursive: true });
  const found = await findHome(folder);
  const runner = await chooseRunner(found === null ? null : join(found, CLUSTER));
  if (runner !== null) await clearUnwanted(shelters);
  const { binaries, major } = await runnable(await findInstallation(), runner, shelters);
  const home = found ?? (await makeHome(folder, runner, shelters));
  const password = await keepPassword(folder, home);
  await ensureCluster({ home, initdb: binaries.initdb, runner, password }, major);
  return { folder, home, cluster: join(home, CLUSTER), runner, postgres: binaries.postgres, password };
}

/** The programs where they are, or a copy of them where the account can run them. */
async function runnable(
  installation: Installation,
  runner: Runner,
  shelters: readonly string[],
): Promise<{ binaries: Binaries; major: string }> {
  const in_place = await tryOut(installation, runner);
  if (in_place.ok) return { binaries: installation, major: in_place.major };
  if (runner !== null) {
    const binaries = await copyInto(await openShelter(shelters, runner), installation);
    const copied = await tryOut(binaries, runner);
    if (copied.ok) return { binaries, major: copied.major };
  }
  throw new Refusal(
    `The embedded Postgres does not run on this machine: ${in_place.reason}. Set DATABASE_URL instead.`,
  );
}
