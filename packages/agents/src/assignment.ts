/** What a hosted worker asks of this package and what it gets back. Owns the shapes and the names derived from them; leases and verdicts belong to the caller. */
import type { Readable } from "node:stream";
import type {
  Check,
  Fault,
  Finding,
  LeftProof,
  Packet,
  PacketDraft,
  ProjectSettings,
  Stage,
  Usage,
  Verdict,
} from "@baton/domain";
import type { Environment } from "./environment.ts";
import type { StagePlan } from "./stage-plan.ts";

export interface Assignment {
  lease: { id: string; epoch: number; task_id: string; stage: Stage; visit: number; attempt: number };
  run_id: string;
  /** What the stage does. */
  plan: StagePlan;
  task: { title: string; description: string; acceptance_criteria: string[] };
  /** Without a repository the work is done in an empty folder, and what is in it afterwards is not kept. */
  project: { id: string; repository_url: string | null; primary_branch: string; settings: ProjectSettings };
  /** What the stage's command is asked, in words. Nobody reads it where there is no command. */
  prompt?: string;
  /** The model that the role of the stage is to use, for commands that can be told. */
  model?: string;
  /** What runs the command, e.g. "claude": the words of a model's agent may tell of its provider's trouble. */
  agent_kind?: string;
  /** The newest packet of the task; `output_metrics.commit` names the commit it stands for. */
  packet: Packet | null;
  /** Open findings to fix, after a rejection. */
  findings: Finding[];
  /** The newest packet of each earlier stage. */
  history: Packet[];
}

export interface LogLine {
  stream: "stdout" | "stderr" | "baton";
  text: string;
}

export interface Surroundings {
  data_dir: string;
  /** What programs inherit, before our own names are taken out of it. */
  env: Environment;
  /** Fires when the work no longer counts: lease lost, cancelled, shutting down. */
  signal: AbortSignal;
  log: (line: LogLine) => void;
  /** Puts a file that the agent left under the lease. Without it such files are not kept. */
  keepFile?: (file: LeftFile) => Promise<FileKept>;
  /** Whether programs are told of a file (`BATON_MESSAGES`, see `messagesOf`) to which words for them are added as they work. */
  messages?: boolean;
  /** Told the process group of each program that is started. */
  onGroup?: (group: number) => void;
  /** Given the stage's command while it runs. */
  onSession?: (session: LiveSession) => void;
}

/** A file that the agent left to be kept. */
export interface LeftFile {
  /** Under which it is kept. */
  name: string;
  path: string;
  open(): Promise<Readable>;
}

/** `lost`: the lease is not ours any more. */
export type FileKept = "kept" | "lost" | { refused: string };

/** What is known of a running command. */
export interface LiveSession {
  /** The total so far. */
  usage(): Usage;
  /** The last thing it says to have done or printed. */
  progress(): string | null;
}

export interface Done {
  outcome: "done";
  /** What the agent says. The verdict is computed elsewhere, from the findings and checks. */
  claimed: Verdict | null;
  packet: PacketDraft;
  findings: Finding[];
  checks: Check[];
  usage: Usage;
  commit: string;
  /** The line's own evidence of the attempt: the diff of dev, the test report of qa, the scan of sec. */
  proofs: LeftProof[];
}

/** Every way for an attempt to end without a result. */
export type Ended =
  | { outcome: "fail"; fault: Fault; message: string; usage: Usage; quota?: true; retry_after_s?: number }
  /** A person has to mend something: on this machine, or in the project. */
  | { outcome: "block"; kind: "needs_input"; reason: string; where: "machine" | "project" }
  /** The signal fired. */
  | { outcome: "stopped" };

export type AttemptResult = Done | Ended;

/** A step of the attempt: its value, or the end of the attempt. */
export type Step<T> = { ok: true; value: T } | { ok: false; ended: Ended };

export function proceed<T>(value: T): Step<T> {
  return { ok: true, value };
}

export function failed(message: string, fault: Fault = "task", usage: Usage = {}): { ok: false; ended: Ended } {
  return { ok: false, ended: { outcome: "fail", fault, message, usage } };
}

/** What was spent is told, however the attempt ends. */
export function spent<T>(step: Step<T>, usage: Usage): Step<T> {
  if (step.ok || step.ended.outcome !== "fail") return step;
  return { ok: false, ended: { ...step.ended, usage: { ...usage, ...step.ended.usage } } };
}

/** The provider has nothing left to give for now. */
export function outOfQuota(message: string, usage: Usage, retry_after_s: number | null): { ok: false; ended: Ended } {
  const later = retry_after_s === null ? {} : { retry_after_s };
  return { ok: false, ended: { outcome: "fail", fault: "provider", message, usage, quota: true, ...later } };
}

export function blocked(reason: string, where: "machine" | "project" = "project"): { ok: false; ended: Ended } {
  return { ok: false, ended: { outcome: "block", kind: "needs_input", reason, where } };
}

export function stopped(): { ok: false; ended: Ended } {
  return { ok: false, ended: { outcome: "stopped" } };
}

/** The one branch of the repository that belongs to the task. */
export function branchOf(assignment: Assignment): string {
  return `baton/${assignment.run_id}/${assignment.lease.task_id}`;
}
