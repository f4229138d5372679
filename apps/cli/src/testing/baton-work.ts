/** `baton work` for tests, as a user starts it: a process with its own agent, told by its JSON lines. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { WorkEvent } from "../work/events.ts";
import { bareEnvironment } from "./env.ts";

const BATON = fileURLToPath(new URL("../main.ts", import.meta.url));

type Told<E extends WorkEvent["event"]> = WorkEvent extends infer One
  ? One extends { event: infer Name }
    ? E extends Name
      ? One
      : never
    : never
  : never;

export interface BatonWork {
  events: () => (WorkEvent & { at: string })[];
  /** The first event of a kind. */
  first: <E extends WorkEvent["event"]>(event: E) => Told<E> | undefined;
  said: () => string;
  signal: (signal: NodeJS.Signals) => void;
  /** The exit code. */
  ended: Promise<number | null>;
}

interface Server {
  url: string;
  token: string;
}

export function batonWork({ url, token }: Server, workdir: string, args: string[], command: string[]): BatonWork {
  const child = spawn(process.execPath, [BATON, "work", "--json", "--workdir", workdir, ...args, "--", ...command], {
    env: { ...bareEnvironment(), BATON_URL: url, BATON_TOKEN: token },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  child.stderr.on("data", (chunk) => (err += String(chunk)));
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", (code) => resolve(code));
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const events = () =>
    out
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as WorkEvent & { at: string });
  return {
    events,
    first: (event) => events().find((one) => one.event === event) as never,
    said: () => `${out}${err}`,
    signal: (signal) => void child.kill(signal),
    ended,
  };
}
