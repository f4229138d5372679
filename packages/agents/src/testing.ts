/** For the tests of this package: real repositories, real data folders and real programs, all in one temporary folder that goes away. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Packet, ProjectSettings, type Stage } from "@baton/domain";
import { onTestFinished } from "vitest";
import { z } from "zod";
import type { Assignment, LogLine, Surroundings } from "./assignment.ts";
import { changelogEntry, onlyByCommand, onlyChecks, type StagePlan, secretScan } from "./stage-plan.ts";

/** A folder for one test. Slow to go where a program still writes: hence the retries. */
export function openFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "baton-agents-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
  return folder;
}

export function write(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

export function writeProgram(path: string, script: string): string {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** What a shell of ours finds: the PATH of whoever runs the tests, and Node as it runs them. */
const PATH = `${dirname(process.execPath)}:${execFileSync("/bin/sh", ["-c", 'printf %s "$PATH"'], { encoding: "utf8" })}`;

const AUTHOR = ["-c", "user.name=A Person", "-c", "user.email=person@example.com"];

/** Git as a person uses it, with no settings but those of the repository. */
export function gitIn(folder: string, ...args: string[]): string {
  const env = { PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: "1" };
  return execFileSync("git", [...AUTHOR, ...args], {
    cwd: folder,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
}

/** A repository with one commit on `main`, as a user has it checked out. */
export function makeRepository(
  folder: string,
  files: Record<string, string> = { "README.md": "# A project\n" },
): string {
  const path = join(folder, "project");
  mkdirSync(path);
  gitIn(path, "init", "--quiet", "--initial-branch=main");
  write(path, files);
  commitAll(path, "Begin");
  return path;
}

export function commitAll(path: string, message: string): string {
  gitIn(path, "add", "--all");
  gitIn(path, "commit", "--quiet", "--message", message);
  return gitIn(path, "rev-parse", "HEAD");
}

let last = 0;

/** Ids as the server makes them, a new one at each call. */
function newId(): string {
  last += 1;
  return `0198c0de-0000-7000-8000-${last.toString(16).padStart(12, "0")}`;
}

export interface Wanted {
  repository: string;
  stage?: Stage;
  settings?: z.input<typeof ProjectSettings>;
  task_id?: string;
  run_id?: string;
  epoch?: number;
}

const NO_CHECKS = () => [];

/** Stages that differ in what this package lets them differ in. */
const PLANS: Record<Stage, StagePlan> = {
  dev: {
    commits: true,
    without_command: onlyByCommand("the project has no command for dev: set settings.commands.dev"),
    checks: NO_CHECKS,
  },
  qa: {
    commits: false,
    without_command: onlyChecks("the project has neither a command for qa nor a test_command"),
    checks: ({ test_command }) => (test_command === null ? [] : [{ name: "tests", run: test_command }]),
  },
  sec: { commits: false, without_command: secretScan, checks: named("sec") },
  docs: { commits: true, without_command: changelogEntry, checks: named("docs") },
};

function named(stage: "sec" | "docs"): StagePlan["checks"] {
  return ({ check_commands }) => check_commands[stage].map((run, at) => ({ name: `${stage}-${at + 1}`, run }));
}

export function makeAssignment({ repository, stage = "dev", settings = {}, ...wanted }: Wanted): Assignment {
  const task_id = wanted.task_id ?? newId();
  return {
    lease: { id: newId(), epoch: wanted.epoch ?? 1, task_id, stage, visit: 1, attempt: 1 },
    run_id: wanted.run_id ?? newId(),
    plan: PLANS[stage],
    task: { title: "Add a greeting", description: "Say hello.", acceptance_criteria: ["It says hello"] },
    project: {
      id: newId(),
      repository_url: repository,
      primary_branch: "main",
      settings: ProjectSettings.parse(settings),
    },
    packet: null,
    findings: [],
    history: [],
  };
}

/** A packet as the server stores it. */
export function makePacket(phase: Stage, more: Partial<Packet> = {}): Packet {
  const now = new Date().toISOString();
  return {
    ...{ id: newId(), feature_id: null, task_id: newId(), phase, version: 1, status: "completed" },
    ...{ agent_id: "a", agent_type: "hosted", agent_name: "a", started_at: now, completed_at: now, duration_ms: 1 },
    ...{
      cost_tokens_in: null,
      cost_tokens_out: null,
      cost_usd: null,
      input_source_phase: null,
      input_source_packet_id: null,
    },
    ...{
      input_context: {},
      output_summary: `${phase} is done`,
      output_artifacts: [],
      output_decisions: [],
      output_metrics: {},
    },
    ...{ previous_version_id: null, rejection_reason: null, diff_from_previous: null, activity_log: [] },
    ...{ created_at: now, updated_at: now },
    ...more,
  };
}

export interface Scene extends Surroundings {
  lines: LogLine[];
  stop: () => void;
}

export function makeSurroundings(folder: string): Scene {
  const controller = new AbortController();
  const lines: LogLine[] = [];
  return {
    data_dir: join(folder, "data"),
    env: { PATH, HOME: folder },
    signal: controller.signal,
    log: (line) => lines.push(line),
    lines,
    stop: () => controller.abort(),
  };
}

/** A stage's command, short to write. */
export function run(stage: Stage, command: string, timeout_s = 60): z.input<typeof ProjectSettings> {
  return { commands: { [stage]: { run: command, timeout_s } } };
}

/** Works the attempt in another process, and kills that in the middle. Gives the number that the program printed. */
export async function crashInTheMiddle(assignment: Assignment, { data_dir, env }: Scene): Promise<number> {
  const given = JSON.stringify({ assignment, data_dir, env });
  const program = fileURLToPath(new URL("./attempt-to-kill.ts", import.meta.url));
  const worker = spawn(process.execPath, [program, given], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface(worker.stdout)) {
    if (!/^\d+$/.test(line)) continue;
    worker.kill("SIGKILL");
    await once(worker, "exit");
    return Number(line);
  }
  throw new Error("the worker ended before it could be killed");
}
