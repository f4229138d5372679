/** Runs git: no prompts, no hooks, no shell, repeated when another process holds one of git's locks. Knows nothing of what the commands mean. */
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { type Environment, gitEnvironment } from "./environment.ts";

interface GitOptions {
  input?: string;
  /** Variables for this call only, e.g. another index. */
  env?: Record<string, string>;
  /** Ends the command; for those that wait for a network. */
  signal?: AbortSignal;
  timeout_ms?: number;
}

export interface Git {
  /** What the command prints. Throws a GitError when it fails. */
  run(args: readonly string[], options?: GitOptions): Promise<string>;
  /** The same without the white space around it, null when the command fails: for questions to which "no" is an answer. */
  ask(args: readonly string[], options?: GitOptions): Promise<string | null>;
  /** The first `max_bytes` of what the command prints, as they are, and whether that was all. Throws a GitError when it fails. */
  head(args: readonly string[], max_bytes: number): Promise<{ bytes: Uint8Array; whole: boolean }>;
  /** The same git in another folder. */
  at(cwd: string): Git;
}

export class GitError extends Error {
  readonly stderr: string;

  constructor(args: readonly string[], stderr: string) {
    super(`git ${args[0]}: ${stderr}`);
    this.name = "GitError";
    this.stderr = stderr;
  }
}

/** Before every command: what the user's own settings must not change. */
const SETTINGS = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.quotePath=true",
  "protocol.ext.allow=never",
  "submodule.recurse=false",
  "advice.detachedHead=false",
].flatMap((setting) => ["-c", setting]);

const LOCKED = /\.lock': File exists|cannot lock ref|could not lock config file|failed to read .*commondir/i;
const LOST_RACE = /but expected|reference already exists/i;
const TRIES = 40;
const LOCAL_TIMEOUT_MS = 120_000;

export function openGit(cwd: string, base: Environment): Git {
  const env = gitEnvironment(base);
  const run = async (args: readonly string[], options: GitOptions = {}) => {
    for (let left = TRIES; ; left--) {
      const result = await once(cwd, env, args, options);
      if (result.ok) return result.stdout;
      if (left === 0 || !LOCKED.test(result.stderr) || LOST_RACE.test(result.stderr))
        throw new GitError(args, result.stderr);
      await pause(25 + Math.random() * 100);
    }
  };
  const ask = async (args: readonly string[], options: GitOptions = {}) => {
    try {
      return (await run(args, options)).trim();
    } catch (error) {
      if (error instanceof GitError) return null;
      throw error;
    }
  };
  const head = (args: readonly string[], max_bytes: number) => beginningOf(cwd, env, args, max_bytes);
  return { run, ask, head, at: (other) => openGit(other, base) };
}

/** For commands that only read: nothing locks them out. */
async function beginningOf(cwd: string, env: Record<string, string>, args: readonly string[], max_bytes: number) {
  const result = await execa("git", [...SETTINGS, ...args], {
    ...{ cwd, env, extendEnv: false, input: "", reject: false, stripFinalNewline: false },
    ...{ encoding: "buffer" as const, maxBuffer: { stdout: max_bytes }, timeout: LOCAL_TIMEOUT_MS },
  });
  const stderr = Buffer.from(result.stderr ?? []).toString();
  if (result.failed && !result.isMaxBuffer) {
    const { shortMessage, timedOut } = result;
    throw new GitError(args, withoutPassword(reasonOf({ stderr, shortMessage, timedOut })));
  }
  return { bytes: result.stdout, whole: !result.isMaxBuffer };
}

async function once(cwd: string, env: Record<string, string>, args: readonly string[], options: GitOptions) {
  const result = await execa("git", [...SETTINGS, ...args], {
    cwd,
    env: { ...env, ...options.env },
    extendEnv: false,
    input: options.input ?? "",
    reject: false,
    stripFinalNewline: false,
    killDescendants: true,
    timeout: options.timeout_ms ?? LOCAL_TIMEOUT_MS,
    ...(options.signal && { cancelSignal: options.signal }),
  });
  if (!result.failed) return { ok: true as const, stdout: result.stdout };
  return { ok: false as const, stderr: withoutPassword(reasonOf(result)) };
}

function reasonOf(result: {
  stderr?: string | undefined;
  shortMessage?: string | undefined;
  timedOut: boolean;
}): string {
  const said = (result.stderr ?? "").trim();
  return said === "" || result.timedOut ? `${result.shortMessage ?? "failed"} ${said}`.trim() : said;
}

/** Addresses may carry a token: it must not get into a reason that people read. */
export function withoutPassword(text: string): string {
  return text.replace(/(\w+:\/\/)[^/@\s]+@/g, "$1***@");
}
