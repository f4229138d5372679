/**
 * Once per test run: a throw-away database server with a migrated template, when a test file asks for one, and a word
 * about what will be skipped.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { z } from "zod";
import { redisIsThere } from "./env.ts";
import { makeTemplate } from "./template.ts";

const SERVER = fileURLToPath(new URL("./server-main.ts", import.meta.url));
const NEEDS_POSTGRES = /\.(pg|redis|e2e)\.test\.ts$/;

const ready = z.object({ type: z.literal("ready"), url: z.string() });

export default async function setUp(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const files = await filesOf(project);
  tellWhatIsSkipped(files);
  if (!files.some((file) => NEEDS_POSTGRES.test(file))) return undefined;
  const server = startServer();
  try {
    const url = await readyUrl(server);
    await makeTemplate(url);
    project.provide("postgres_url", url);
  } catch (error) {
    await stop(server);
    throw error;
  }
  return () => stop(server);
}

function tellWhatIsSkipped(files: string[]): void {
  if (redisIsThere() || !files.some((file) => file.endsWith(".redis.test.ts"))) return;
  process.stdout.write("Skipped: tests on Redis, since REDIS_URL is not set and no redis-server is on the PATH.\n");
}

/** The files of this run; in watch mode all there are, since the next run may want any of them. */
async function filesOf(project: TestProject): Promise<string[]> {
  const { vitest } = project;
  return vitest.config.watch ? (await project.globTestFiles()).testFiles : vitest.state.getPaths();
}

/** In its own process group: the Ctrl-C that ends the run must not end the server while tests still use it. */
function startServer(): ChildProcess {
  return fork(SERVER, { execArgv: [], detached: true, stdio: ["ignore", "ignore", "inherit", "ipc"] });
}

async function readyUrl(server: ChildProcess): Promise<string> {
  const died = once(server, "exit").then(() => Promise.reject(new Error("The test database server did not start.")));
  const [message]: unknown[] = await Promise.race([once(server, "message"), died]);
  return ready.parse(message).url;
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, "exit");
  server.disconnect();
  await gone;
}
