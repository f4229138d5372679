/** The look at a real Redis before it is used. */
import { describe, expect, test } from "vitest";
import { QueueUnfit } from "../backend.ts";
import { prepareQueue } from "../prepare.ts";
import { redisServerProgram, startRedis } from "../testing/index.ts";
import { sparePort } from "../testing/spare-port.ts";

function prepare(url: string): Promise<unknown> {
  return prepareQueue({ kind: "redis", url }).then(
    () => "fit",
    (error: unknown) => error,
  );
}

async function refusalBy(settings: Record<string, string>, password = ""): Promise<unknown> {
  const server = await startRedis(settings);
  const url = new URL(server.url);
  url.password = password;
  try {
    return await prepare(url.href);
  } finally {
    await server.stop();
  }
}

describe.skipIf(redisServerProgram() === undefined)("Redis before it is used", () => {
  test("a plain server is fit", async () => {
    expect(await refusalBy({})).toBe("fit");
  });

  test("a server that evicts is refused, and told how to be made fit", async () => {
    const refusal = await refusalBy({ "maxmemory-policy": "allkeys-lru" });
    expect(refusal).toBeInstanceOf(QueueUnfit);
    expect(refusal).toMatchObject({ reason: "evicts", message: expect.stringContaining("noeviction") as string });
  });

  test("a replica is refused", async () => {
    const refusal = await refusalBy({ replicaof: `127.0.0.1 ${await sparePort()}` });
    expect(refusal).toMatchObject({ reason: "replica" });
  });

  test("a server that is not there is reported within a few seconds, without the password", async () => {
    const begin = performance.now();
    const refusal = await prepare(`redis://baton:very-secret@127.0.0.1:${await sparePort()}`);
    expect(performance.now() - begin).toBeLessThan(4_000);
    expect(refusal).toMatchObject({ reason: "unreachable", message: expect.stringContaining("REDIS_URL") as string });
    expect(String(refusal)).not.toContain("very-secret");
  });

  test("a server whose password is not ours says so", async () => {
    const locked = { requirepass: "right" };
    expect(await refusalBy(locked, "wrong")).toMatchObject({ reason: "not_allowed" });
    expect(await refusalBy(locked, "")).toMatchObject({ reason: "not_allowed" });
    expect(await refusalBy(locked, "right")).toBe("fit");
  });
});
