/** Agents that wait: as many long polls as asked for, each with a name of its own, all of them told when one was given a task. */
import { randomUUID } from "node:crypto";
import { type Client, openClient } from "@baton/client";

export interface WaitingAgents {
  /** Resolves when an agent is given the task. */
  given(task_id: string): Promise<void>;
  stop(): Promise<void>;
}

const WAIT_S = 30;

export function startAgents(url: string, token: string, agents: number): WaitingAgents {
  const client = openClient({ url, token });
  const stopped = new AbortController();
  const told = new Map<string, PromiseWithResolvers<void>>();
  const hear = (task_id: string) => {
    const news = told.get(task_id) ?? Promise.withResolvers<void>();
    told.set(task_id, news);
    return news;
  };
  const all = Array.from({ length: agents }, (_, n) =>
    live(client, `agent-${n}`, stopped.signal, (id) => hear(id).resolve()),
  );
  return {
    given: (task_id) => hear(task_id).promise,
    stop: async () => {
      stopped.abort();
      await Promise.allSettled(all);
    },
  };
}

/** Asks for work for ever; what it is given it keeps, since only the way to it is measured. */
async function live(client: Client, id: string, signal: AbortSignal, given: (task_id: string) => void): Promise<void> {
  while (!signal.aborted) {
    const body = { claim_id: randomUUID(), stages: ["dev" as const], agent: { id }, wait_s: WAIT_S, lease_s: 600 };
    const answer = await client.call("claim", { body, signal });
    if (!answer.ok) throw new Error(answer.problem.detail);
    if (answer.value !== null) given(answer.value.task.id);
  }
}
