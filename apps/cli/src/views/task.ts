/** How a task, its events and the reasons for its rest read in the terminal. */
import type { EventView, ExplainView, TaskView } from "@baton/domain/api";
import type { Out } from "../out.ts";
import { plain } from "../plain.ts";
import { age, stateCell } from "./words.ts";

type Look = Pick<Out, "style" | "table">;

export function taskLines(task: TaskView, { style }: Look): string[] {
  const { text, style: colour } = stateCell(task.state);
  const { failures, crashes, rejections, limits } = task;
  const used = `${rejections}/${limits.rejections} loop-backs, ${failures}/${limits.attempts} failed, ${crashes}/${limits.crashes} crashed`;
  const facts: [string, string | null][] = [
    ["stage", `${task.stage}, visit ${task.visit}, attempt ${task.attempt}`],
    ["waits", task.blocked === null ? null : `${task.blocked.kind}: ${plain(task.blocked.reason)}`],
    ["used up", used],
    ["priority", String(task.priority)],
    ["after", task.depends_on.length === 0 ? null : task.depends_on.join(", ")],
    ["branch", plain(task.branch)],
    ["run", task.run_id],
    ["made", `${task.created_at} (${age(task.created_at)} ago)`],
  ];
  return [
    `${style("bold", plain(task.title))}  ${style(colour, text)}`,
    ...facts.flatMap(([name, fact]) => (fact === null ? [] : [`${style("dim", name.padEnd(9))} ${fact}`])),
    ...paragraphs(task.description),
    ...task.acceptance_criteria.map((criterion) => `- ${plain(criterion)}`),
  ];
}

/** After an empty line, when there is something. */
function paragraphs(description: string): string[] {
  return description.trim() === "" ? [] : ["", ...description.trim().split("\n").map(plain)];
}

export function timelineLines(events: readonly EventView[], out: Look): string[] {
  const rows = events.map((event) => [
    ...[event.at.replace("T", " ").slice(0, 19), event.type, plain(event.actor)],
    event.from.stage === event.to.stage ? event.to.stage : `${event.from.stage} → ${event.to.stage}`,
    ...[stateCell(event.to.state), noteOf(event)],
  ]);
  return out.table(["AT (UTC)", "WHAT", "BY", "STAGE", "STATE", "NOTE"], rows);
}

/** The part of an event's facts that people want to read. */
function noteOf({ data, charged }: EventView): string {
  const words = [data.message, data.reason, data.notes, ...(Array.isArray(data.reasons) ? data.reasons : [])];
  const said = words.filter((word) => typeof word === "string" && word !== "").join("; ");
  return charged === "nothing" ? said : `[${charged}] ${said}`.trim();
}

export function explainLines(why: ExplainView, { style, table }: Look): string[] {
  const { holder } = why;
  const rows = why.attempts.map((attempt) => [
    ...[attempt.stage, `${attempt.visit}.${attempt.attempt}`, plain(attempt.agent_id)],
    ...[attempt.outcome ?? "working", age(attempt.started_at), attempt.message ?? ""],
  ]);
  return [
    style("bold", plain(why.why)),
    ...why.blockers.map((one) => `- ${one.kind}: ${plain(one.reason)}${one.task_id ? ` (${one.task_id})` : ""}`),
    ...(holder === null ? [] : [holderLine(holder)]),
    ...(why.next_due_at === null ? [] : [`next due ${why.next_due_at}`]),
    ...(why.frees.length === 0 ? [] : [`then can begin: ${why.frees.map(({ title }) => plain(title)).join(", ")}`]),
    ...(rows.length === 0 ? [] : ["", ...table(["STAGE", "TRY", "AGENT", "OUTCOME", "AGO", "MESSAGE"], rows)]),
  ];
}

function holderLine(holder: NonNullable<ExplainView["holder"]>): string {
  const life = holder.alive ? "alive" : "silent";
  const stuck = holder.stuck ? ", nothing new for too long" : "";
  const doing = holder.progress === null ? "" : `: ${plain(holder.progress)}`;
  return `held by ${plain(holder.agent_id)} for ${age(holder.started_at)} (${life}, heard of ${age(holder.last_heartbeat_at)} ago${stuck})${doing}`;
}
