/** What `baton work` is asked for on its command line, checked before anything is claimed. */
import { hostname } from "node:os";
import { basename, resolve } from "node:path";
import { shellLine } from "@baton/agents";
import { STAGES, type Stage, StageCommand } from "@baton/domain";
import { ClaimLease, WAIT_MAX_S } from "@baton/domain/api";
import { z } from "zod";
import { Complaint } from "../complaint.ts";
import { EXIT } from "../exit-codes.ts";

export interface WorkOptions {
  stages: Stage[];
  agent: { id: string; kind?: string; model?: string; credential?: string };
  /** For the shell; may ask for `{prompt_file}`. */
  command: string;
  /** Commands that are run after the agent: one that fails rejects the work. */
  checks: string[];
  timeout_s: number;
  lease_s: number;
  wait_s: number;
  /** How long an agent may go on after it was asked to pause. */
  grace_s: number;
  /** Null: for ever. */
  max: number | null;
  until_empty: boolean;
  /** Worktrees and clones lie here; null: where `baton up` keeps its data. */
  workdir: string | null;
  json: boolean;
}

const count = (min: number, max: number) =>
  z.coerce.number(`must be a number`).int("must be a whole number").min(min).max(max);

const Given = z.object({
  stage: z.array(z.enum(STAGES, `must be one of ${STAGES.join(", ")}`), "must be given, e.g. --stage qa").min(1),
  agent: ClaimLease.shape.agent.shape.id.optional(),
  kind: ClaimLease.shape.agent.shape.kind,
  model: ClaimLease.shape.agent.shape.model,
  credential: ClaimLease.shape.agent.shape.credential,
  check: z.array(z.string().min(1).max(4_000)).max(20).default([]),
  timeout: count(1, 86_400).default(3_600),
  lease: count(5, 1_800).default(120),
  wait: count(0, WAIT_MAX_S).default(25),
  grace: count(0, 3_600).default(60),
  once: z.boolean().default(false),
  untilEmpty: z.boolean().default(false),
  max: count(1, 1_000_000).optional(),
  workdir: z.string().min(1).optional(),
  json: z.boolean().default(false),
});

export function workOptions(raw: unknown, words: readonly string[]): WorkOptions {
  const parsed = Given.safeParse(raw);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `--${flag(path[0])} ${message}`);
    throw new Complaint([...new Set(problems)].join("\n"), EXIT.usage);
  }
  const { stage, agent, kind, model, credential, check, timeout, lease, wait, grace, ...rest } = parsed.data;
  if (rest.once && rest.max !== undefined) throw new Complaint("--once and --max exclude each other", EXIT.usage);
  const stages = [...new Set(stage)];
  const known = kind ?? kindOf(words);
  return {
    stages,
    agent: {
      id: agent ?? `${known ?? "agent"}-${stages.join("-")}@${hostname()}`,
      ...(known !== undefined && { kind: known }),
      ...(model !== undefined && { model }),
      ...(credential !== undefined && { credential }),
    },
    command: commandOf(words),
    checks: check,
    ...{ timeout_s: timeout, lease_s: lease, wait_s: wait, grace_s: grace },
    max: rest.once ? 1 : (rest.max ?? null),
    until_empty: rest.untilEmpty,
    workdir: rest.workdir === undefined ? null : resolve(rest.workdir),
    json: rest.json,
  };
}

/** One word is a line for the shell as it stands; several are one program with its arguments. */
function commandOf(words: readonly string[]): string {
  const line = words.length === 1 ? (words[0] ?? "") : shellLine(words);
  if (line.trim() === "")
    throw new Complaint("give a command after --, e.g. -- claude -p --output-format json", EXIT.usage);
  const problem = StageCommand.shape.run.safeParse(line);
  if (!problem.success)
    throw new Complaint("the command is longer than 4,000 characters: put it into a script", EXIT.usage);
  return line;
}

const KINDS = ["claude", "codex", "goose"] as const;

/** The known agent that the command starts, if it starts one. */
function kindOf(words: readonly string[]): string | undefined {
  const programs = words.flatMap((word) => word.split(/\s+/)).map((word) => basename(word));
  return KINDS.find((kind) => programs.includes(kind));
}

function flag(name: PropertyKey | undefined): string {
  return String(name).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
