/** A running API for tests of the MCP program, as a process on a database of its own. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { COMPILED, freshDatabase } from "@baton/db/testing";
import { onTestFinished } from "vitest";

const MAIN = fileURLToPath(new URL("../../../api/src/main.ts", import.meta.url));

export interface Api {
  url: string;
  child: ChildProcess;
  admin_token: string;
  post<T>(path: string, body: object): Promise<T>;
  get<T>(path: string): Promise<T>;
  tokenFor(role: "producer" | "agent"): Promise<string>;
  /** How many agents wait for work. */
  waiting(): Promise<number>;
}

/** Runs until the test ends, or with `afterAll` until those of the file have. */
export async function startApi(atEnd: (end: () => Promise<void>) => void = onTestFinished): Promise<Api> {
  const { url: DATABASE_URL, drop } = await freshDatabase();
  const folder = await mkdtemp(join(tmpdir(), "baton-mcp-"));
  const env = { ...COMPILED, DATABASE_URL, BATON_DATA_DIR: folder, PORT: "0", LOG_LEVEL: "fatal" };
  const child = fork(MAIN, { env, execPath: process.execPath, execArgv: [] });
  const ended = once(child, "exit");
  atEnd(async () => {
    child.kill("SIGKILL");
    await ended;
    await drop();
    await rm(folder, { recursive: true, force: true });
  });
  const begun = Promise.race([once(child, "message"), ended.then(() => Promise.reject(new Error("the API ended")))]);
  const [{ url, admin_token }] = (await begun) as [{ url: string; admin_token: string }];
  const headers = { authorization: `Bearer ${admin_token}`, "content-type": "application/json" };
  const call = async <T>(path: string, more: RequestInit): Promise<T> => {
    const answer = await fetch(`${url}${path}`, { headers, ...more });
    if (!answer.ok) throw new Error(`${path} was refused: ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const post: Api["post"] = (path, body) => call(path, { method: "POST", body: JSON.stringify(body) });
  return {
    ...{ url, child, admin_token, post },
    get: (path) => call(path, {}),
    tokenFor: async (role) => (await post<{ token: string }>("/api/tokens", { name: `a ${role}`, role })).token,
    waiting: async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      return Number(/^baton_polls_waiting (\d+)$/m.exec(metrics)?.[1]);
    },
  };
}
