/** Looks at untrusted documents and schemas in a thread of its own, one after the other, each with a deadline: what takes too long or too much ends with its thread, and nothing else does. */
import { Worker } from "node:worker_threads";
import type { DocumentEvidence, SchemaFault } from "@baton/domain";
import { illFormed } from "../parsed.ts";
import type { Answers, DocumentJob, Job, Jobs } from "./job.ts";

export interface Examiner {
  /** What is wrong with a schema; none when it can be used. */
  checkSchema(schema: unknown): Promise<SchemaFault[]>;
  /** Where the value does not match the schema. */
  validate(schema: unknown, value: unknown): Promise<SchemaFault[]>;
  read(document: DocumentJob): Promise<DocumentEvidence>;
  /** Ends the thread. It would not keep the process alive in any case. */
  close(): Promise<void>;
}

export interface ExaminerOptions {
  /** For each job, once the thread runs. */
  deadline_ms?: number;
}

const DEADLINE_MS = 3_000;
/** A machine under load starts a thread late; that is nobody's fault. */
const START_MS = 30_000;
const MEMORY = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };

const THREAD = new URL("./thread-main.ts", import.meta.url);

/** The job did not come to an end: the thread is gone. */
class Ended extends Error {}

export function openExaminer({ deadline_ms = DEADLINE_MS }: ExaminerOptions = {}): Examiner {
  let thread: Promise<Worker> | null = null;
  let last: Promise<unknown> = Promise.resolve();

  /** A thread that has ended, for whatever reason, is followed by another one. */
  async function running(): Promise<Worker> {
    thread ??= startThread().then((worker) => worker.once("exit", forget));
    return thread.catch((error: unknown) => {
      forget();
      throw error;
    });
  }
  const forget = () => {
    thread = null;
  };

  async function run(job: Job): Promise<unknown> {
    const worker = await running();
    worker.ref();
    return answered(worker, job, deadline_ms).finally(() => worker.unref());
  }

  /** One after the other: when a thread has to be ended, no other job goes with it. */
  function queued<K extends keyof Jobs>(kind: K, asked: Jobs[K]): Promise<Answers[K]> {
    const mine = last.then(() => run({ kind, asked } as Job)) as Promise<Answers[K]>;
    last = mine.catch(() => undefined);
    return mine;
  }

  const whole = (error: unknown): SchemaFault[] => [{ pointer: "", detail: whyEnded(error) }];
  return {
    checkSchema: (schema) => queued("schema", { schema }).catch(whole),
    validate: (schema, value) => queued("value", { schema, value }).catch(whole),
    read: (document) => queued("document", document).catch((error: unknown) => illFormed(whyEnded(error))),
    close: async () => {
      await last;
      await (await thread)?.terminate();
    },
  };
}

function whyEnded(error: unknown): string {
  if (error instanceof Ended) return error.message;
  throw error;
}

function startThread(): Promise<Worker> {
  const { promise, resolve, reject } = Promise.withResolvers<Worker>();
  const worker = new Worker(THREAD, { resourceLimits: MEMORY, execArgv: [], env: {} });
  const late = setTimeout(() => reject(new Error("the examining thread does not start")), START_MS);
  worker.once("message", () => resolve(worker));
  // Stays: a thread that breaks while nobody waits must not take the process with it.
  worker.on("error", reject);
  return promise.finally(() => clearTimeout(late));
}

/** The answer, or `Ended` and with it the end of the thread. */
async function answered(worker: Worker, job: Job, deadline_ms: number): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const end = (why: string) => reject(new Ended(why));
  const heard = ({ answer, failed }: { answer?: unknown; failed?: string }) =>
    failed === undefined ? resolve(answer) : end(`cannot be looked at: ${failed}`);
  const broke = () => end("takes more memory to look at than there is for it");
  const gone = () => end("cannot be looked at: the thread has ended");
  const late = setTimeout(() => end(`takes longer than ${deadline_ms / 1_000} s to look at`), deadline_ms);
  worker.once("message", heard).once("error", broke).once("exit", gone);
  worker.postMessage(job);
  try {
    return await promise;
  } catch (error) {
    await worker.terminate();
    throw error;
  } finally {
    clearTimeout(late);
    worker.off("message", heard).off("error", broke).off("exit", gone);
  }
}
