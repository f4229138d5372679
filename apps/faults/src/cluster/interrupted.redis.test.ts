/** A cluster whose harness is told to end, or whose start fails: no process, no folder stays. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { redisServerProgram } from "@baton/queue/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { inherited } from "./env.ts";
import { startCluster } from "./start.ts";

const here = (file: string) => JSON.stringify(fileURLToPath(new URL(file, import.meta.url)));

/** A small cluster in which all that can be frozen is frozen. */
const PROGRAM = `import { endingClean } from ${here("./leftovers.ts")};
import { startCluster } from ${here("./start.ts")};
await endingClean(async () => {
  const folder = process.argv[2];
  const env = () => ({ FAULTS_HISTORY: folder, FAULTS_SEED: "1" });
  const cluster = await startCluster({ log_folder: folder, apis: 1, directors: 1, workers: 1, env });
  cluster.of("director")[0].freeze();
  cluster.postgres.freeze();
  cluster.redis.freeze();
  console.log("there");
  await new Promise((done) => setTimeout(done, 600_000));
  return 0;
}, { tell: console.error });`;

/** A place for temporary files that nobody else uses, beside one for logs. */
function ownPlaces() {
  const root = mkdtempSync(join(tmpdir(), "baton-interrupted-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const [temporary, logs, program] = [join(root, "temporary"), join(root, "logs"), join(root, "program.mjs")];
  for (const folder of [temporary, logs]) mkdirSync(folder);
  // Root's Postgres runs under another account, which must be able to enter.
  chmodSync(root, 0o755);
  chmodSync(temporary, 0o755);
  return { temporary, logs, program };
}

/** Processes that were told of the folder, or work in it: Redis overwrites what it was told. */
function processesOf(folder: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      const told = ["cmdline", "environ"].map((file) => readFileSync(`/proc/${pid}/${file}`, "utf8"));
      return [...told, readlinkSync(`/proc/${pid}/cwd`)].some((text) => text.includes(folder));
    } catch {
      // It has ended.
      return false;
    }
  });
}

test.runIf(redisServerProgram()).each([["SIGINT", 130] as const, ["SIGTERM", 143] as const])(
  "%s ends the whole cluster, also what is frozen",
  async (signal, code) => {
    const { temporary, logs, program } = ownPlaces();
    writeFileSync(program, PROGRAM);
    const child = spawn(process.execPath, [program, logs], {
      env: { ...inherited, TMPDIR: temporary },
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    // Itself, three members, Postgres and the program behind it, Redis.
    expect(processesOf(temporary).length).toBeGreaterThanOrEqual(7);
    child.kill(signal);
    expect(await once(child, "exit")).toEqual([code, null]);
    await expect.poll(() => processesOf(temporary)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  },
  120_000,
);

test.runIf(redisServerProgram())(
  "a cluster whose Redis does not start leaves no Postgres and no folder",
  async () => {
    const { temporary, logs } = ownPlaces();
    vi.stubEnv("TMPDIR", temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    const started = startCluster({ log_folder: logs, apis: 1, redis: { "no-such-setting": "1" } });
    await expect(started).rejects.toThrow("redis-server ended at once");
    expect(processesOf(temporary)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  },
  120_000,
);
