/** For tests of hosted workers: a task with its ticket, a worker of any work, and what became of its attempts. */
import type { Ticket } from "@baton/queue";
import { type HostedResult, type HostedWorker, lookForWork, type OpenLine } from "../index.ts";
import { type TestLine, testLine, testProject } from "./index.ts";
import { evidence, sql, submitted } from "./verbs.ts";

export const done: HostedResult = { outcome: "done", ...evidence() };

export async function ticketed() {
  const open = await testLine();
  const commands = { dev: { run: "true", timeout_s: 60 } };
  const project_id = await testProject(open, { repository_url: "/repository", settings: { commands } });
  const { id } = await submitted(open, undefined, { project_id });
  const ticket: Ticket = { task_id: id, stage: "dev", visit: 1, dispatch: 1 };
  return { open, id, ticket };
}

export function worker(work: HostedWorker["work"], more: Partial<HostedWorker> = {}): HostedWorker {
  const agent = { id: "worker", kind: "hosted" };
  return { agent, lease_ms: 60_000, shutdown: new AbortController().signal, work, ...more };
}

/** Gives in a word what came of the ticket, once all that it led to is done. */
export async function workTicket(line: OpenLine, ticket: Ticket, who: HostedWorker): Promise<string> {
  return (await lookForWork(line, ticket, who))?.work ?? "nothing to do";
}

export const attempts = (open: TestLine) => sql(open, "select outcome, fault, message from attempts");

export const untilStopped: HostedWorker["work"] = (_, signal) =>
  new Promise((resolve) => {
    const stop = () => resolve({ outcome: "stopped" });
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
  });
