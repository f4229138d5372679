/** What a project can set, with the defaults that hold where it sets nothing, and which of its stages hosted workers serve. */
import { z } from "zod";
import { STAGES, type Stage } from "./stages.ts";
import { text } from "./text.ts";

export const StageCommand = z.strictObject({
  /** Run by `sh -c` in the task's worktree, with the prompt on stdin. */
  run: text(4_000),
  timeout_s: z.int().min(1).max(86_400).default(1_800),
});
export type StageCommand = z.infer<typeof StageCommand>;

const commands = { dev: StageCommand, qa: StageCommand, sec: StageCommand, docs: StageCommand };
const limit = (fallback: number) => z.int().min(0).max(100).default(fallback);

export const Limits = z.strictObject({
  /** How often a task may be sent back to dev. */
  rejections: limit(3),
  /** How many attempts of one visit may fail by the task's own fault. */
  attempts: z.int().min(1).max(100).default(3),
  /** How many attempts of one visit may end without a word. */
  crashes: z.int().min(1).max(100).default(3),
});
export type Limits = z.infer<typeof Limits>;

const most = z.int().min(1).max(100_000).optional();

/** How many tasks may be leased at once, in all and in each stage; without a number there is no limit. */
const Concurrency = z.strictObject({ total: most, dev: most, qa: most, sec: most, docs: most });

const minutes = (fallback: number) => z.int().min(1).max(10_080).default(fallback);

/** A number of minutes for each stage. */
const perStage = (fallback: number) =>
  z
    .strictObject({
      dev: minutes(fallback),
      qa: minutes(fallback),
      sec: minutes(fallback),
      docs: minutes(fallback),
    })
    .prefault({});

export const IDLE_MINUTES = 30;

export const ProjectSettings = z.strictObject({
  commands: z.strictObject(commands).partial().default({}),
  test_command: text(4_000).nullable().default(null),
  check_commands: z
    .strictObject({ sec: z.array(text(4_000)).max(20).default([]), docs: z.array(text(4_000)).max(20).default([]) })
    .prefault({}),
  limits: Limits.prefault({}),
  approval: z.enum(["none", "required"]).default("none"),
  findings: z.enum(["packet", "tasks"]).default("packet"),
  /** Strict: the agent that did dev of a task is not given qa or sec of it. */
  separation: z.enum(["strict", "off"]).default("strict"),
  concurrency: Concurrency.prefault({}),
  /** What work is paid with where the agent names nothing else: when its quota is used up, the project's tasks wait. */
  credential: text(200).nullable().default(null),
  /** A lease that lives this long without anything new of the work is reported as stuck. */
  idle_minutes: perStage(IDLE_MINUTES),
  /** No lease lives longer, whatever its heartbeats say. */
  max_lease_minutes: perStage(480),
  /** Off: a quota that is used up is a failed attempt like any other, tried again after a while. */
  quota_circuit: z.enum(["on", "off"]).default("on"),
  /** What agents are to keep to, in the project's own words. */
  rules: text(20_000).optional(),
  /** Whether hosted workers start by themselves on new runs, or wait to be triggered; left out, the server's setting holds. */
  auto_trigger: z.boolean().optional(),
});
export type ProjectSettings = z.infer<typeof ProjectSettings>;

/**
 * Stages that hosted workers serve: those with a command, of the project or of the stage's role, or a built-in. Without a
 * repository there is nothing to work in.
 */
export function hostedStages(
  repository_url: string | null,
  settings: ProjectSettings,
  by_role: readonly Stage[] = [],
): Stage[] {
  if (repository_url === null) return [];
  const builtIn: Record<Stage, boolean> = { dev: false, qa: settings.test_command !== null, sec: true, docs: true };
  return STAGES.filter((stage) => settings.commands[stage] !== undefined || by_role.includes(stage) || builtIn[stage]);
}

/** The limits that are set; null when there is none, so that a claim sees at a glance that it need not count. */
export function capacityOf({ concurrency }: ProjectSettings): Record<string, number> | null {
  const set = Object.entries(concurrency).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return set.length === 0 ? null : Object.fromEntries(set);
}
