/** A hosted worker of one stage (STAGE) as apps/worker runs it, with scripted work instead of git and a history of what it claims, puts and writes. Its heartbeats are not told. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { normaliseFinding } from "@baton/domain";
import {
  type Assignment,
  artifactPlace,
  type Begun,
  type HostedResult,
  type HostedWorker,
  keepHostedFile,
  lookForWork,
  openLineAt,
} from "@baton/pipeline";
import { openConsumer, type Ticket } from "@baton/queue";
import { sha256 } from "../history/packet-hash.ts";
import { openHistory } from "../history/write.ts";
import { readHostedSettings } from "./env.ts";
import { heldBy, type ToldLine, tellLine } from "./hosted-line.ts";
import { besidesOf, draftOf, failureOf, fileOf, findingsOf } from "./leave.ts";
import { scriptOf } from "./script.ts";

/** As in apps/worker. */
const GRACE_MS = 2_000;
const DRAIN_MS = 9_000;
/** For all of it. */
const LEAVE_MS = 12_000;
const ARTIFACT_MAX_BYTES = 1_048_576;

const settings = readHostedSettings();
const { FAULTS_NAME: name, FAULTS_SEED: seed, STAGE: stage } = settings;
const lease_ms = settings.BATON_LEASE_S * 1_000;
const history = openHistory(join(settings.FAULTS_HISTORY, `${name}.jsonl`), name);
const complain = (error: unknown) => console.error(error instanceof Error ? error.message : String(error));

const opened = await openLineAt({
  database_url: settings.DATABASE_URL,
  redis_url: settings.REDIS_URL,
  artifacts: artifactPlace(settings),
  connections: 4,
  onError: complain,
});
const shutdown = new AbortController();
const consumer = openConsumer(opened.backend, stage, {
  concurrency: settings.BATON_CONCURRENCY,
  look,
  producer: opened.line.producer,
  onError: complain,
});

async function look(ticket: Ticket): Promise<Begun | null> {
  const told = tellLine(opened.line, history);
  let failed = true;
  try {
    const begun = await lookForWork(told.line, ticket, workerFor(told));
    failed = false;
    return begun;
  } finally {
    told.over(failed);
  }
}

function workerFor(told: ToldLine): HostedWorker {
  return {
    agent: { id: `hosted-${stage}`, kind: "scripted" },
    lease_ms,
    shutdown: shutdown.signal,
    work: (assignment, signal) => work(told, assignment, signal),
  };
}

/** The signal of a lost lease is not heard: a late worker is told so when it hands over. That of the shutdown is. */
async function work(told: ToldLine, assignment: Assignment, signal: AbortSignal): Promise<HostedResult> {
  told.given(assignment);
  const { row, lease } = assignment.held;
  const { title } = assignment.context.spec;
  const script = scriptOf(seed, { title, stage, visit: row.visit, attempt: row.attempt }, lease_ms);
  if (script.dies) process.kill(process.pid, "SIGKILL");
  if (script.silent) told.goSilent();
  if (script.artifact_bytes !== null) await leaveFile(told, assignment, script.artifact_bytes, signal);
  await pause(script.work_ms, undefined, { signal: shutdown.signal }).catch(() => undefined);
  if (shutdown.signal.aborted || script.end === "release") return { outcome: "stopped" };
  if (script.end === "fail")
    return { outcome: "fail", fault: "provider", message: failureOf(lease.lease_id), usage: {} };
  const packet = draftOf(script, lease);
  const besides = besidesOf(script, lease.lease_id);
  const findings = findingsOf(besides).map((finding) => normaliseFinding(finding, "finding"));
  return { outcome: "done", claimed: script.end, packet, findings, checks: [], usage: besides.usage };
}

/** It is put again while nobody answers: of a refusal nobody can say which try it answers. A lease that is lost meanwhile shows at the handing over. */
async function leaveFile(told: ToldLine, assignment: Assignment, bytes: number, signal: AbortSignal): Promise<void> {
  const [file, left] = [fileOf(assignment.held.lease.lease_id, bytes), "left.bin"];
  const id = history.invoke({
    op: "artifact",
    ...heldBy(assignment),
    key: randomUUID(),
    name: left,
    sha256: sha256(file),
  });
  const open = async () => Readable.from([file]);
  const limits = { limit_bytes: ARTIFACT_MAX_BYTES, signal };
  const put = await keepHostedFile(told.line, assignment, { name: left, open }, limits).catch((error: Error) => error);
  if (put instanceof Error) history.info(id, put.message);
  else if (put.ok) history.ok(id, {});
  else history.info(id, put.problem.code);
}

async function leave(): Promise<void> {
  setTimeout(() => process.exit(1), LEAVE_MS);
  setTimeout(() => shutdown.abort(new Error("the worker is shutting down")), GRACE_MS);
  await consumer.drain(DRAIN_MS);
  await opened.close();
  process.exit(0);
}

let leaving: Promise<void> | undefined;
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    leaving ??= leave();
  });
}
// Whoever started us is gone, and the servers with it: there is nobody to give anything back to.
process.on("disconnect", () => process.exit(0));
if (process.connected === false) process.exit(0);
process.send?.({ type: "ready" }, () => {});
