/** An API whose database can be taken away and given back. */
import { freshDatabase } from "@baton/db/testing";
import { onTestFinished } from "vitest";
import { type ApiProcess, startApiProcess } from "./api-process.ts";
import { flakyWay } from "./flaky-way.ts";

export async function losingDatabase(): Promise<{ api: ApiProcess; cut: () => void; mend: () => void }> {
  const { url, drop } = await freshDatabase();
  onTestFinished(drop);
  const { url: way, cut, mend } = await flakyWay(url);
  const through = Object.assign(new URL(url), { host: new URL(way).host });
  const api = await startApiProcess({ DATABASE_URL: through.href });
  onTestFinished(api.end);
  return { api, cut, mend };
}
