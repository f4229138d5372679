/** Finds the places of a good story where tests spoil it. */
import { type Call, type End, named } from "../../history/read.ts";
import type { Story } from "./story.ts";

/** The n-th call of the name, from 0; from the end when it is negative. */
export function nth(calls: readonly Call[], op: Parameters<typeof named>[1], n: number): Call {
  const found = named(calls, op).at(n);
  if (found === undefined) throw new Error(`there is no ${op} ${n}`);
  return found;
}

export function answerOf(call: Call): Extract<End, { type: "ok" }>["answer"] {
  if (call.end.type !== "ok") throw new Error("it was not answered");
  return call.end.answer;
}

export const REFUSED = { type: "fail", at: 0, status: 410, code: "lease_lost" } as const;
export const LOST: End = { type: "info", reason: "nobody answered" };
export const refused = (call: Call): End => ({ ...REFUSED, at: call.invoked_at + 1 });

/** The same request again, later. */
export function again(story: Story, call: Call, end: (call: Call) => End): void {
  const late = { ...call, id: `${call.id} again`, invoked_at: 9_000 };
  story.calls.push({ ...late, end: end(late) });
}

export function answered({ end }: Call): number {
  if (end.type !== "ok") throw new Error("it was not answered");
  return end.at;
}

export function event(story: Story, n: number) {
  const found = story.life.events.at(n);
  if (found === undefined) throw new Error(`there is no event ${n}`);
  return found;
}

export function attempt(story: Story, n: number) {
  const found = story.life.attempts.at(n);
  if (found === undefined) throw new Error(`there is no attempt ${n}`);
  return found;
}

/** A result of the first attempt, which failed, comes late and is refused; and yet this is there. */
export function onlyIts(what: "findings" | "costs", story: Story): void {
  const { id: lease_id, epoch } = attempt(story, 0);
  const usage = { tokens_in: 99, tokens_out: 9, cost_usd: "0.900000" };
  const besides = { findings: ["found too late"], usage };
  const sent = { ...nth(story.calls, "complete", 0).operation, lease_id, epoch, packet: "late", key: "late", besides };
  const late: Call = { ...nth(story.calls, "complete", 0), id: "late", invoked_at: 9_000, operation: sent as never };
  story.calls.push({ ...late, end: refused(late) });
  if (what === "costs") Object.assign(attempt(story, 0), usage);
  else story.life.findings.push({ title: "found too late", packet_id: "nowhere" });
}
