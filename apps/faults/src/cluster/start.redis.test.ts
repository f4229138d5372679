/** A small cluster of Baton's own programs: up, through the ways, killed and back, gone without a trace. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openClient } from "@baton/client";
import { redisServerProgram } from "@baton/queue/testing";
import { expect, test } from "vitest";
import { startCluster } from "./start.ts";

test.runIf(redisServerProgram())(
  "a cluster works through its ways, keeps its addresses and its data, and leaves no process behind",
  async () => {
    const log_folder = await mkdtemp(join(tmpdir(), "baton-cluster-"));
    const cluster = await startCluster({ log_folder, apis: 1, directors: 1, workers: 0 });
    try {
      const [url = ""] = cluster.api_urls;
      const client = openClient({ url, token: cluster.token });
      const made = await client.call("createProject", { body: { name: "kept" } });
      expect(made.ok).toBe(true);
      expect(cluster.ways.postgres.reset()).toBeGreaterThan(0);
      expect(cluster.ways.redis.reset()).toBeGreaterThan(0);
      await Promise.all([cluster.of("api"), cluster.of("director")].flat().map((member) => member.kill()));
      expect(cluster.members.map(({ name, lives }) => [name, lives])).toEqual([
        ["api-1", 2],
        ["director-1", 2],
      ]);
      const found = await client.call("listProjects");
      expect(found.ok && found.value.items.map(({ name }) => name)).toEqual(["kept"]);
    } finally {
      await cluster.stop();
    }
    expect(cluster.members.map(({ pid }) => pid)).toEqual([undefined, undefined]);
    expect(cluster.accidents).toEqual([]);
    await expect(fetch(`${cluster.api_urls[0]}/healthz`)).rejects.toThrow(/fetch failed/);
    expect(await readFile(join(log_folder, "migrate.log"), "utf8")).toContain("applied");
    await rm(log_folder, { recursive: true });
  },
  120_000,
);
