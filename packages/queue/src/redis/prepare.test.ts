/** What is read from a server's description of itself. */
import { expect, test } from "vitest";
import { unfit } from "./prepare.ts";

function verdict(info: Record<string, string>): string | undefined {
  const good = { redis_version: "7.2.4", maxmemory_policy: "noeviction", role: "master", cluster_enabled: "0" };
  return unfit(new Map(Object.entries({ ...good, ...info })), "127.0.0.1:6379")?.reason;
}

test("Redis from 6.2 on is new enough", () => {
  for (const version of ["6.2.0", "6.2.14", "7.0.15", "8.4.1", "10.0.0"]) {
    expect(verdict({ redis_version: version })).toBeUndefined();
  }
});

test("an older Redis is refused, and one that does not tell its version", () => {
  for (const version of ["6.0.16", "5.0.14", "2.8.9", "", "unstable"]) {
    expect(verdict({ redis_version: version }), version).toBe("too_old");
  }
});

test("a Redis that may drop keys, is a replica or a cluster is refused", () => {
  expect(verdict({ maxmemory_policy: "allkeys-lru" })).toBe("evicts");
  expect(verdict({ maxmemory_policy: "volatile-ttl" })).toBe("evicts");
  expect(verdict({ role: "slave" })).toBe("replica");
  expect(verdict({ cluster_enabled: "1" })).toBe("cluster");
});
