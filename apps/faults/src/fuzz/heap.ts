/** How much of its heap an API uses, as far as it says so, after its collector has been through all of it. */

/** Large bodies that are refused: each leaves so much garbage that the collector soon has to look at everything. */
const GARBAGE = JSON.stringify({ name: "x".repeat(900_000) });
const AT_ONCE = 10;
const BATCHES = 60;
/** One may have begun before the garbage of earlier requests was let go. */
const COLLECTIONS = 2;

/** In MB (of 1024 KB), the least that was seen from the second full collection on. */
export async function heapMb({ url, token }: { url: string; token: string }): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const start = await lookAt(url);
  let least = Number.POSITIVE_INFINITY;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const refused = { method: "POST", headers, body: GARBAGE };
    await Promise.all(
      Array.from({ length: AT_ONCE }, () => fetch(`${url}/api/projects`, refused).then((one) => one.text())),
    );
    const { collections, used_mb } = await lookAt(url);
    if (collections >= start.collections + COLLECTIONS) least = Math.min(least, used_mb);
    if (collections > start.collections + COLLECTIONS) return least;
  }
  throw new Error("the collector has not been through the heap");
}

async function lookAt(url: string): Promise<{ collections: number; used_mb: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const collections = Number(/^nodejs_gc_duration_seconds_count\{kind="major"\} (\S+)/m.exec(text)?.[1] ?? 0);
  const bytes = Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(text)?.[1]);
  return { collections, used_mb: bytes / 1024 / 1024 };
}
