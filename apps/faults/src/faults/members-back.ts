/** Waits until every process of Baton is there again: alive, ready, and the APIs answering out of the database. */
import { setTimeout as pause } from "node:timers/promises";
import type { Cluster } from "../cluster/cluster.ts";
import { look } from "./look-on.ts";

const LOOK_MS = 25;
const LIMIT_MS = 30_000;

/** Seconds until then; those that are not there after half a minute stand in `missing`. */
export async function membersBack(cluster: Cluster): Promise<{ seconds: number; missing: string[] }> {
  const from = performance.now();
  for (;;) {
    const away = cluster.members.filter(({ ready }) => !ready).map(({ name }) => name);
    const answers = away.length > 0 ? [] : await Promise.all(cluster.api_urls.map((url) => look(url, cluster.token)));
    const silent = answers.flatMap(({ status }, i) => (status === 200 ? [] : [cluster.of("api")[i]?.name ?? "an API"]));
    const missing = [...away, ...silent];
    const seconds = (performance.now() - from) / 1_000;
    if (missing.length === 0 || seconds * 1_000 > LIMIT_MS) return { seconds, missing };
    await pause(LOOK_MS);
  }
}
