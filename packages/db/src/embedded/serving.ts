/** Gets a site's server to serve: adopts one that still lives, else launches one and waits until it accepts queries. */
import { once } from "node:events";
import { closeSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { MAINTENANCE_DATABASE, serverUrl, whyNoQueries } from "./connect.ts";
import { choosePort } from "./port.ts";
import { launchPostmaster, livingPostmaster, stopPostmaster } from "./postmaster.ts";
import { isAlive } from "./process.ts";
import { giveTo } from "./runner.ts";
import type { Site } from "./site.ts";

export type Serving = { pid: number; port: number; gone: Promise<void> };

const START_LIMIT_MS = 60_000;
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;

/** What the next try may mend: the port was taken meanwhile, or a killed server's processes are still ending. */
const WORTH_ANOTHER_TRY = /could not bind|could not create any TCP|shared memory block|lock file .* already exists/;

export async function serve(site: Site, settings: Record<string, string>): Promise<Serving> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const attempt = (await adopt(site)) ?? (await launch(site, settings));
    if (await isReady(site, attempt, deadline)) return attempt;
    const reason = attempt.said();
    if (!WORTH_ANOTHER_TRY.test(reason) && !attempt.adopted) throw new Error(`Postgres did not start:\n${reason}`);
    if (Date.now() > deadline) throw new Error(`Postgres did not start within a minute:\n${reason}`);
    await delay(200);
  }
}

/** `said` is what the server has written to its log since this attempt began. */
type Attempt = Serving & { adopted: boolean; said: () => string };

async function adopt(site: Site): Promise<Attempt | null> {
  const living = await livingPostmaster(site.cluster);
  if (living === null) return null;
  return { ...living, gone: watch(living.pid), adopted: true, said: () => "" };
}

async function launch(site: Site, settings: Record<string, string>): Promise<Attempt> {
  const port = await choosePort(site.folder);
  const { path, size } = openLog(site.folder);
  const log = openSync(path, "a");
  await giveTo(site.runner, path);
  const { postgres, cluster, runner } = site;
  const child = launchPostmaster({ postgres, cluster, runner, port, log, settings });
  closeSync(log);
  const gone = once(child, "exit").then(
    () => undefined,
    () => undefined,
  );
  const said = (): string => readFileSync(path).subarray(size).toString("utf8").trim();
  return { pid: child.pid ?? 0, port, gone, adopted: false, said };
}

/** False when the server ended before it accepted a query. */
async function isReady(site: Site, serving: Serving, deadline: number): Promise<boolean> {
  const url = serverUrl(serving.port, site.password, MAINTENANCE_DATABASE);
  let ended = false;
  void serving.gone.then(() => {
    ended = true;
  });
  while (!ended) {
    const cause = await whyNoQueries(url);
    if (cause === null) return true;
    if (Date.now() > deadline) {
      await stopPostmaster(serving.pid);
      throw new Error("Postgres accepts no queries after a minute.", { cause });
    }
    await delay(20);
  }
  return false;
}

/** An adopted server is not our child, so nobody tells us when it ends. */
async function watch(pid: number): Promise<void> {
  while (await isAlive(pid)) await delay(200);
}

function openLog(folder: string): { path: string; size: number } {
  const path = join(folder, "server.log");
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= LOG_LIMIT_BYTES) return { path, size };
  renameSync(path, `${path}.1`);
  return { path, size: 0 };
}
