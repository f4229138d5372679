/** Runs one stage: takes its tickets, works each under a lease, and ends cleanly. What the work is comes from the stage. */
import {
  type AttemptResult,
  changesSoFar,
  type FileKept,
  type LeftFile,
  type LogLine,
  land,
  type Surroundings,
  sweep,
  workAttempt,
} from "@baton/agents";
import type { Stage } from "@baton/domain";
import {
  type Assignment,
  type HostedResult,
  type HostedWorker,
  keepHostedFile,
  leaveProofs,
  lookForWork,
  type OpenedLine,
  type OpenLine,
  tellable,
} from "@baton/pipeline";
import { openConsumer } from "@baton/queue";
import type { Logger } from "pino";
import { briefed, toAgent } from "./assignment.ts";
import type { WorkerSettings } from "./env.ts";
import { listenerFor } from "./listener.ts";

/** How long running work may go on after the process was asked to end. */
const GRACE_MS = 2_000;
/** A queue that is away may never let go. */
const DRAIN_MS = 9_000;

export interface RunningStage {
  /** Takes no more tickets, lets short work end, stops the rest and gives it back. */
  stop(): Promise<void>;
}

export function runStage(
  stage: Stage,
  { line, backend }: OpenedLine,
  settings: WorkerSettings,
  log: Logger,
): RunningStage {
  const shutdown = new AbortController();
  const worker = hostedWorker(stage, line, settings, shutdown.signal, log);
  const onTrouble = (err: unknown) =>
    log.warn(tellable(err), "what crashed workers left here could not be cleared away");
  void sweep({ data_dir: settings.BATON_DATA_DIR, onTrouble }).then(
    (attempts) => attempts > 0 && log.info({ attempts }, "crashed workers had left something here"),
    onTrouble,
  );
  const consumer = openConsumer(backend, stage, {
    concurrency: settings.BATON_CONCURRENCY,
    look: async (ticket) => {
      const begun = await lookForWork(line, ticket, worker);
      if (begun === null) return null;
      const names = namesOf(begun.assignment);
      const told = (word: string) => log.info({ ...names, word }, "worked");
      const broken = (error: unknown) =>
        log.error({ ...tellable(error), ...names }, "what came of it could not be told");
      return { work: begun.work.then(told, broken) };
    },
    producer: line.producer,
    onError: (err) => log.warn(tellable(err), "the queue failed, will be tried again"),
  });
  return {
    stop: async () => {
      const grace = setTimeout(() => shutdown.abort(new Error("the worker is shutting down")), GRACE_MS);
      await consumer.drain(DRAIN_MS);
      clearTimeout(grace);
    },
  };
}

function hostedWorker(
  stage: Stage,
  line: OpenLine,
  settings: WorkerSettings,
  shutdown: AbortSignal,
  log: Logger,
): HostedWorker {
  const commits = new WeakMap<HostedResult, string>();
  return {
    agent: { id: `worker-${stage}`, kind: "hosted" },
    lease_ms: settings.BATON_LEASE_S * 1_000,
    shutdown,
    work: async (assignment, signal) => {
      log.info(namesOf(assignment), "working");
      const around = surroundings(assignment, signal, settings, log);
      const keepFile = (file: LeftFile) => keptFile(line, assignment, file, signal, settings);
      const result: AttemptResult = await workAttempt(await briefed(line, assignment, log), { ...around, keepFile });
      if (result.outcome !== "done") return result;
      commits.set(result, result.commit);
      // Before the next stage can be claimed: its agent is told of them.
      await leaveProofs(line, assignment, result.proofs, {
        ...{ limit_bytes: PROOF_MAX_BYTES, signal },
        onRefused: ({ name }, why) =>
          log.warn({ ...tellable(why), task_id: assignment.held.row.id, name }, "a proof could not be left"),
      });
      return result;
    },
    look: async (assignment) => {
      const place = { data_dir: settings.BATON_DATA_DIR, env: settings.environment };
      const diff_sha256 = await changesSoFar(toAgent(assignment), place);
      return diff_sha256 === null ? null : { diff_sha256 };
    },
    listener: (assignment) => listenerFor(assignment, settings.BATON_DATA_DIR),
    accepted: async (assignment, result) => {
      const commit = commits.get(result);
      const never = new AbortController().signal;
      if (commit === undefined) return;
      // The commit is in the packet and has a name of its own: the next stage's landing makes this one good.
      await land(toAgent(assignment), commit, surroundings(assignment, never, settings, log)).catch((err: unknown) =>
        log.warn({ ...tellable(err), task_id: assignment.held.row.id, commit }, "the branch could not be moved"),
      );
    },
  };
}

/** More than the ten megabytes up to which a report is read: what was read can be kept as well. */
const PROOF_MAX_BYTES = 16 * 1024 * 1024;

async function keptFile(
  line: OpenLine,
  assignment: Assignment,
  file: LeftFile,
  signal: AbortSignal,
  { BATON_ARTIFACT_MAX_MB }: WorkerSettings,
): Promise<FileKept> {
  const limits = { limit_bytes: BATON_ARTIFACT_MAX_MB * 1024 * 1024, signal };
  const put = await keepHostedFile(line, assignment, file, limits);
  if (put.ok) return "kept";
  return put.problem.code === "lease_lost" ? "lost" : { refused: put.problem.detail };
}

function namesOf({ held }: Assignment) {
  const { id: task_id, visit, attempt } = held.row;
  return { task_id, visit, attempt };
}

function surroundings(
  assignment: Assignment,
  signal: AbortSignal,
  settings: WorkerSettings,
  log: Logger,
): Surroundings {
  return {
    data_dir: settings.BATON_DATA_DIR,
    env: settings.environment,
    messages: true,
    signal,
    log: ({ stream, text }: LogLine) => log.info({ ...namesOf(assignment), stream }, text),
  };
}
