/** The prompt an agent is given: its role's template, filled with what is known of the work. Everything that users and agents wrote stands in boxes. How to hand the work in is told by whoever gives the prompt. */
import type { AgentRole } from "./agent-roles.ts";
import type { ContractInForce } from "./contract.ts";
import { contractLines } from "./contract-text.ts";
import { draftLines, type KeptDraft } from "./draft.ts";
import type { Finding } from "./findings.ts";
import type { OutputArtifact, OutputDecision } from "./packet.ts";
import { type Fence, openFence } from "./prompt-data.ts";
import type { Stage } from "./stages.ts";
import { fillTemplate, readTemplate, type Vocabulary } from "./template.ts";

export interface PromptProject {
  name: string;
  repository_url: string | null;
  primary_branch: string;
  /** What the project wants kept to, in its own words. */
  rules?: string | undefined;
}

export interface TaskPrompt {
  stage: Stage;
  visit: number;
  project: PromptProject;
  task: { title: string; description: string; acceptance_criteria: readonly string[] };
  /** The newest packet of the task, as far as the next agent reads it. */
  packet: {
    phase: string;
    output_summary: string;
    output_artifacts: readonly OutputArtifact[];
    output_decisions: readonly OutputDecision[];
    rejection_reason?: string | null;
  } | null;
  /** Open findings, after a rejection. */
  findings: readonly Finding[];
  /** What the attempt before left, when it ended without a word. */
  draft: KeptDraft | null;
  /** What earlier attempts proved, one line each, newest first. */
  proofs: readonly string[];
  /** What must be left. */
  contract: ContractInForce;
}

export interface PlanPrompt {
  goal: string;
  project: PromptProject;
}

const OF_PROJECT = ["project.name", "project.repository_url", "project.branch", "project.rules"] as const;
const OF_TASK = [
  ...["stage", "visit", "task.title", "task.description", "acceptance_criteria"],
  ...["packet", "findings", "draft", "proofs", "contract"],
] as const;

const STAGE_VARIABLES = [...OF_TASK, ...OF_PROJECT];
const ALWAYS = ["task.title", "task.description", "packet", "contract"];
const JUDGE: Vocabulary = { allowed: STAGE_VARIABLES, required: [...ALWAYS, "acceptance_criteria"] };
const OUTSIDE: Vocabulary = { allowed: OF_PROJECT, required: [] };

/** What the template of each role may say, and what it has to. */
export const VOCABULARY: Record<AgentRole, Vocabulary> = {
  director: OUTSIDE,
  pm: { allowed: ["goal", ...OF_PROJECT], required: ["goal"] },
  dev: { allowed: STAGE_VARIABLES, required: [...ALWAYS, "acceptance_criteria", "findings"] },
  qa: JUDGE,
  security: JUDGE,
  docs: { allowed: STAGE_VARIABLES, required: ALWAYS },
  cicd: OUTSIDE,
};

type Values = Record<string, string>;

/** `boundary` is unguessable for whoever wrote the texts: it keeps data from posing as instructions. */
export function promptFor(template: string, input: TaskPrompt, boundary: string): string {
  const fence = openFence(boundary);
  return filled(template, fence, { ...taskValues(fence, input), ...projectValues(fence, input.project) });
}

export function planPromptFor(template: string, { goal, project }: PlanPrompt, boundary: string): string {
  const fence = openFence(boundary);
  return filled(template, fence, { goal: fence.block("goal", goal, GOAL_SHOWN), ...projectValues(fence, project) });
}

function filled(template: string, fence: Fence, values: Values): string {
  return `${fence.rule}\n\n${fillTemplate(readTemplate(template), (name) => values[name] ?? "")}`;
}

const PART_MAX = 20_000;
const LIST_MAX = 200;
const LINE_MAX = 2_000;
const GOAL_SHOWN = 50_000;
/** A schema that is cut is of no use; what a contract may hold has a limit of its own. */
const CONTRACT_SHOWN = 400_000;

function taskValues(
  fence: Fence,
  { stage, visit, task, packet, findings, draft, proofs, contract }: TaskPrompt,
): Values {
  const part = (label: string, text: string) => fence.block(label, text, PART_MAX);
  return {
    ...{ stage, visit: String(visit) },
    "task.title": part("title", task.title),
    "task.description": part("description", task.description),
    acceptance_criteria: part("acceptance criteria", numbered(task.acceptance_criteria)),
    packet: packet === null ? "" : packetParts(part, packet),
    findings: part("findings to mend", numbered(findings.map(findingLine))),
    draft: part("what the attempt before you left when it ended without a word", draftLines(draft).join("\n")),
    proofs: part("what earlier attempts left as proof, newest first", proofs.join("\n")),
    contract: fence.block(
      "what the handoff must carry, or it is refused",
      numbered(contractLines(contract)),
      CONTRACT_SHOWN,
    ),
  };
}

function projectValues(fence: Fence, { name, repository_url, primary_branch, rules }: PromptProject): Values {
  return {
    "project.name": fence.inline(name, LINE_MAX),
    "project.repository_url": fence.inline(repository_url ?? "", LINE_MAX),
    "project.branch": fence.inline(primary_branch, LINE_MAX),
    "project.rules": fence.block("rules of the project", rules ?? "", PART_MAX),
  };
}

type Part = (label: string, text: string) => string;

function packetParts(part: Part, packet: NonNullable<TaskPrompt["packet"]>): string {
  return [
    part(`summary of the ${packet.phase} stage before you`, packet.output_summary),
    part("why it was sent back", packet.rejection_reason ?? ""),
    part("files it touched", numbered(packet.output_artifacts.map(({ path, action }) => `${path} (${action})`))),
    part("what it decided", numbered(packet.output_decisions.map((one) => `${one.decision}: ${one.rationale}`))),
  ]
    .filter((paragraph) => paragraph !== "")
    .join("\n\n");
}

function numbered(lines: readonly string[]): string {
  const shown = lines.slice(0, LIST_MAX).map((line, index) => `${index + 1}. ${line}`);
  const rest = lines.length - shown.length;
  return [...shown, ...(rest > 0 ? [`… and ${rest} more`] : [])].join("\n");
}

function findingLine(finding: Finding): string {
  const place = finding.file === null ? "" : ` in ${finding.file}${finding.line === null ? "" : `:${finding.line}`}`;
  const more = finding.description === "" ? "" : `\n   ${finding.description.replaceAll("\n", "\n   ")}`;
  return `[${finding.severity} ${finding.kind}] ${finding.title}${place}${more}`;
}
