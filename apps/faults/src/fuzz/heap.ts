/** How much of its heap an API uses, as far as it says so: the least of several looks, since garbage counts until it is collected. */
import { setTimeout as sleep } from "node:timers/promises";

const LOOKS = 12;
const BETWEEN_MS = 100;
/** Between two looks: enough to make the collector run. */
const REQUESTS = 150;

/** In MB (of 1024 KB). `enough`: it need not be looked for less than that. */
export async function heapMb(url: string, enough = 0): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < LOOKS && least > enough; look += 1) {
    const text = await (await fetch(`${url}/metrics`)).text();
    const bytes = Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(text)?.[1]);
    least = Math.min(least, bytes / 1024 / 1024);
    await Promise.all(Array.from({ length: REQUESTS }, () => fetch(`${url}/api/nothing`).then((one) => one.text())));
    await sleep(BETWEEN_MS);
  }
  return least;
}
