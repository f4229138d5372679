/** Answers to commits are swallowed on their way from Postgres: it is done, and Baton does not know. Each repeated call gets the first answer, byte for byte. */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { openClient } from "@baton/client";
import { callsOf, readEntries } from "../../history/read.ts";
import type { Violation } from "../../scenario.ts";
import type { Ground } from "../../workload/under-work.ts";
import type { Act } from "../act.ts";

/** 5 % by the book; more of them where there is little time. */
const PLAN = { short: { cuts: 30, percent: 15, limit_s: 40 }, long: { cuts: 1_000, percent: 5, limit_s: 1_800 } };
const TELLING = 3;

export const cutAfterCommit: Act = {
  name: "postgres_cut",
  run: async (ground) => {
    const { cluster, history, round, history_folder } = ground;
    const { cuts, percent, limit_s } = PLAN[round.form];
    const repeat = await repeatingCaller(ground);
    history.fault("answers to commits cut", "begin");
    const since = cluster.ways.postgres.cutAfterCommit(percent);
    let injected = 0;
    let runs = 0;
    for (const from = performance.now(); injected < cuts && performance.now() - from < limit_s * 1_000; ) {
      await repeat();
      runs += 1;
      await pause(20);
      injected += since();
    }
    cluster.ways.postgres.heal();
    injected += since();
    history.fault("answers to commits cut", "end");
    const { violations, repeated } = judgeRepetitions(history_folder);
    return { planned: cuts, injected, violations, figures: { runs, repeated_calls: repeated } };
  },
};

/** A run of one task, sent until it is accepted and then twice more, all under one key. */
async function repeatingCaller({ cluster, work: { desk } }: Ground): Promise<() => Promise<void>> {
  const client = openClient({ url: cluster.api_urls[0] ?? "", token: cluster.token });
  const found = await client.call("listProjects", {});
  const project_id = found.ok ? found.value.items[0]?.id : undefined;
  if (project_id === undefined) throw new Error("the workload's project is not there");
  return async () => {
    const key = randomUUID();
    const body = { project_id, name: `repeated ${key}`, tasks: [{ title: `brisk ${key}` }] };
    for (let time = 0; time < TELLING; time += 1) {
      await desk.settle({
        operation: { op: "create_run", key, tasks: 1 },
        call: (client, signal) => client.call("createRun", { body, idempotency_key: key, signal }),
        answer: (value) => ({ run_id: value.run.id, task_ids: value.tasks.map(({ id }) => id) }),
      });
    }
  };
}

/** Of all calls of all clients that were sent more than once under one key, with whatever came between. */
function judgeRepetitions(history_folder: string): { violations: Violation[]; repeated: number } {
  const answers = new Map<string, { op: string; sent: number; heard: Set<string> }>();
  for (const { operation, end } of callsOf(readEntries(history_folder))) {
    const key = "key" in operation ? operation.key : null;
    if (key === null) continue;
    const one = answers.get(key) ?? { op: operation.op, sent: 0, heard: new Set<string>() };
    answers.set(key, one);
    one.sent += 1;
    if (end.type === "ok") one.heard.add(end.answer.answer ?? "");
  }
  const repeated = [...answers].filter(([, { sent }]) => sent > 1);
  const different = repeated.filter(([, { heard }]) => heard.size > 1);
  const violations = different.slice(0, TELLING).map(([key, { op, heard }]) => ({
    invariant: "each repetition gets the first answer, byte for byte",
    detail: `${op} under ${key}: ${heard.size} answers; ${different.length} like this`,
  }));
  return { violations, repeated: repeated.length };
}
