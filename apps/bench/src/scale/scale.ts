/** How claims, hops and lists grow with the number of stored tasks. Flat is the goal. */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { batonOnRedis } from "../contenders/baton.ts";
import type { Options } from "../options.ts";
import type { Servers } from "../servers/index.ts";
import { startProgram } from "../servers/program.ts";
import { figure, tableOf } from "../table.ts";
import { type Probed, probe } from "./probes.ts";
import { CARRIED, carryFirst, storedTasks, storeMore, WITH_HISTORY } from "./stored.ts";

const API = fileURLToPath(new URL("../../../../apps/api/src/main.ts", import.meta.url));

export interface Scaled {
  /** Tasks in the database, all finished but those that are timed. */
  stored: number;
  p50_ms: Probed;
}

export async function measureScale(
  servers: Servers,
  options: Options,
  tell: (text: string) => void,
): Promise<Scaled[]> {
  const desk = await batonOnRedis.open(servers);
  const { database_url = "" } = desk.place;
  const rows: Scaled[] = [];
  try {
    tell(`${CARRIED} tasks go down the line`);
    await carryFirst(desk, options);
    for (const { from, to } of steps(options.stored)) {
      tell(`${to} stored tasks`);
      await storeMore(database_url, from, to);
      rows.push({ stored: await storedTasks(database_url), p50_ms: await probed(servers, database_url) });
    }
    return rows;
  } finally {
    await desk.close();
  }
}

/** Ten times as many each time, up to `most`. */
function steps(most: number): { from: number; to: number }[] {
  const sizes = [CARRIED];
  for (let size = CARRIED * 10; size < most; size *= 10) sizes.push(size);
  if (most > CARRIED) sizes.push(most);
  return sizes.map((to, i) => ({ from: sizes[i - 1] ?? CARRIED, to }));
}

async function probed(servers: Servers, database_url: string): Promise<Probed> {
  const token = randomBytes(24).toString("hex");
  const place = { DATABASE_URL: database_url, REDIS_URL: servers.redis_url };
  const api = await startProgram(API, { ...place, PORT: "0", BATON_ADMIN_TOKEN: token, LOG_LEVEL: "warn" });
  try {
    const { url } = z.object({ url: z.string() }).parse(api.message);
    // The first time everything is compiled.
    await probe(url, token);
    return await probe(url, token);
  } finally {
    await api.stop();
  }
}

export function scaleText(rows: readonly Scaled[]): string {
  const names = Object.keys(rows[0]?.p50_ms ?? {});
  const [first, last] = [rows[0], rows.at(-1)];
  const ratio = (name: string) => (last?.p50_ms[name] ?? Number.NaN) / (first?.p50_ms[name] ?? Number.NaN);
  return [
    "Median ms over HTTP beside so many stored tasks; the last column is the largest by the smallest.",
    `One in ${WITH_HISTORY} of the stored tasks has its attempts, packets and events.`,
    tableOf([
      ["", ...rows.map(({ stored }) => String(stored)), "÷"],
      ...names.map((name) => [
        name,
        ...rows.map(({ p50_ms }) => figure(p50_ms[name] ?? Number.NaN, 2)),
        figure(ratio(name), 2),
      ]),
    ]),
  ].join("\n");
}
