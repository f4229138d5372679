/** `baton` as a user types it, against a running API. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { bareEnvironment } from "./env.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

export interface Said {
  code: number | null;
  out: string;
  err: string;
}

interface Server {
  url: string;
  token: string;
}

export interface Running {
  out: () => string;
  err: () => string;
  signal: (signal: NodeJS.Signals) => void;
  ended: Promise<Said>;
}

/** A program that goes on for a while. */
export function begin({ url, token }: Server, args: string[], more: { input?: string; env?: object } = {}): Running {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...bareEnvironment(), BATON_URL: url, BATON_TOKEN: token, ...more.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  child.stderr.on("data", (chunk) => (err += String(chunk)));
  child.stdin.end(more.input ?? "");
  const ended = new Promise<Said>((resolve) => {
    child.once("close", (code) => resolve({ code, out, err }));
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { out: () => out, err: () => err, signal: (signal) => void child.kill(signal), ended };
}

export function batonAt(server: Server) {
  const run = (...args: string[]) => begin(server, args).ended;
  return {
    /** What it said and how it ended. */
    run,
    /** One line on stderr with these words, nothing on stdout, and the exit code. */
    refused: async (code: number, words: RegExp, ...args: string[]) => {
      const said = await run(...args);
      expect(said).toMatchObject({ code, out: "" });
      expect(said.err).toMatch(/^baton: [^\n]+\n$/);
      expect(said.err).toMatch(words);
    },
    /** What it answers to programs; it must succeed. */
    json: async <T>(...args: string[]): Promise<T> => {
      const { code, out, err } = await begin(server, [...args, "--json"]).ended;
      if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${err}`);
      return JSON.parse(out) as T;
    },
  };
}
