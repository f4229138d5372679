/** The thread in which untrusted documents and schemas are looked at: takes one job after the other and answers each. */
import { parentPort } from "node:worker_threads";
import type { Job } from "./job.ts";
import { workOn } from "./work.ts";

const port = parentPort;
if (port === null) throw new Error("to be started as a thread");

port.on("message", (job: Job) => {
  workOn(job).then(
    (answer) => port.postMessage({ answer }),
    (error: unknown) => port.postMessage({ failed: error instanceof Error ? error.message : String(error) }),
  );
});
port.postMessage("ready");
