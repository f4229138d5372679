/** Workload W: sends runs down the line with keys, keeps it busy for as long as it is asked to, and waits until all has ended. What each task is like is in `agents/script.ts`. */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type Desk, openDesk } from "../agents/desk.ts";
import type { TaskKind } from "../agents/script.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { History } from "../history/write.ts";
import { type Meter, openMeter } from "./meter.ts";
import { projectOf, type Settings } from "./project.ts";

export interface Workload {
  desk: Desk;
  meter: Meter;
  /** Accepted with 201 so far. */
  readonly task_ids: readonly string[];
  readonly run_ids: readonly string[];
  /** One run; resolves with its id when it is accepted, however long that takes. */
  submit(kind: TaskKind, count: number, priority?: number): Promise<string>;
  /** Sends more whenever fewer than so many tasks are open, until the way to stop is called; that resolves when nothing is on its way any more. */
  keepBusy(in_flight: number): () => Promise<void>;
  /** Resolves with the seconds that it took, or null when some are open still. */
  allEnded(limit_s: number): Promise<number | null>;
  /** Accepted results a second of brisk tasks that go before all others; null when they do not come through in time. */
  probe(limit_s: number): Promise<number | null>;
  /** Sends nothing more, and waits for what is on its way; harmless when it is closed already. */
  close(): Promise<void>;
}

export interface WorkloadOptions {
  settings?: Settings;
  /** Where the real workers find it. */
  repository_url?: string;
  history: History;
  tell: (line: string) => void;
}

const STAGES_OF_A_TASK = 4;
const RUN_OF = 10;
const LOOK_MS = 100;
const PROBE = 24;
/** Of a probe so many count: one that a fault has caught says nothing about the rate. */
const PROBE_SHARE = 0.9;
const TELL_MS = 5_000;

/** A run was accepted but its id is not known. */
const NEVER = "the workload was closed while it was busy";

export async function openWorkload(
  cluster: Cluster,
  { history, tell, ...project }: WorkloadOptions,
): Promise<Workload> {
  const closing = new AbortController();
  const desk = openDesk({ urls: cluster.api_urls, token: cluster.token, history, closing: closing.signal });
  const meter = openMeter(cluster.database_url);
  const project_id = await createProject(desk, project);
  const [task_ids, run_ids]: [string[], string[]] = [[], []];
  const busy: Promise<void>[] = [];
  let made = 0;
  let closed: Promise<void> | undefined;

  async function submit(kind: TaskKind, count: number, priority = 5): Promise<string> {
    const key = randomUUID();
    const tasks = Array.from({ length: count }, () => {
      made += 1;
      return { title: `${kind} ${made}`, priority };
    });
    const sent = await desk.settle({
      operation: { op: "create_run", key, tasks: count },
      call: (client, signal) =>
        client.call("createRun", {
          ...{ body: { project_id, name: `${kind} ${run_ids.length + 1}`, tasks }, idempotency_key: key, signal },
        }),
      answer: (value) => ({ run_id: value.run.id, task_ids: value.tasks.map(({ id }) => id) }),
    });
    if (sent?.type !== "ok") throw new Error(sent === null ? NEVER : `a run was refused: ${sent.code}`);
    task_ids.push(...sent.value.tasks.map(({ id }) => id));
    run_ids.push(sent.value.run.id);
    return sent.value.run.id;
  }

  return {
    desk,
    meter,
    task_ids,
    run_ids,
    submit,
    keepBusy: (in_flight) => {
      const kept = keepBusy(meter, in_flight, { submit: () => submit("plain", RUN_OF), closing: closing.signal });
      busy.push(kept.over);
      return kept.enough;
    },
    allEnded: (limit_s) => allEnded(meter, limit_s, tell),
    probe: (limit_s) => probe(meter, limit_s, () => submit("brisk", PROBE, 10)),
    close: () => {
      closing.abort();
      closed ??= Promise.allSettled(busy).then(() => meter.close());
      return closed;
    },
  };
}

async function createProject(desk: Desk, project: Parameters<typeof projectOf>[0]): Promise<string> {
  const idempotency_key = randomUUID();
  const body = projectOf(project);
  const sent = await desk.settle({
    operation: null,
    call: (client, signal) => client.call("createProject", { body, idempotency_key, signal }),
  });
  if (sent?.type !== "ok") throw new Error("the project could not be made");
  return sent.value.project.id;
}

interface Busy {
  submit: () => Promise<unknown>;
  closing: AbortSignal;
}

export function keepBusy(
  meter: Pick<Meter, "read">,
  in_flight: number,
  { submit, closing }: Busy,
): { enough: () => Promise<void>; over: Promise<void> } {
  let enough = false;
  const over = (async () => {
    while (!enough && !closing.aborted) {
      const standing = await meter.read();
      if (standing !== null && standing.open <= in_flight - RUN_OF) await submit();
      else await pause(LOOK_MS);
    }
  })();
  // Whoever says that it is enough hears what went wrong. Until then it must not end the process.
  over.catch(() => {});
  return {
    over,
    enough: () => {
      enough = true;
      return over;
    },
  };
}

async function allEnded(meter: Meter, limit_s: number, tell: (line: string) => void): Promise<number | null> {
  const begun = performance.now();
  let told = begun;
  while (performance.now() - begun < limit_s * 1_000) {
    const standing = await meter.read();
    if (standing?.open === 0) return (performance.now() - begun) / 1_000;
    if (performance.now() - told > TELL_MS) {
      told = performance.now();
      tell(standing === null ? "the database does not answer" : `${standing.open} tasks are open`);
    }
    await pause(LOOK_MS);
  }
  return null;
}

async function probe(meter: Meter, limit_s: number, submit: () => Promise<string>): Promise<number | null> {
  const begun = performance.now();
  const run_id = await submit();
  while (performance.now() - begun < limit_s * 1_000) {
    const ended = (await meter.read(run_id))?.ended ?? 0;
    const seconds = (performance.now() - begun) / 1_000;
    if (ended >= PROBE * PROBE_SHARE) return (ended * STAGES_OF_A_TASK) / seconds;
    await pause(LOOK_MS / 4);
  }
  return null;
}
