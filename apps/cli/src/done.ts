/** `baton done`: says in one sentence that a task is done or not. Inside a worktree it leaves the handoff.json that is read when the agent has ended; with a lease in hand it tells the server. */
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { outOf } from "@baton/agents";
import type { Client } from "@baton/client";
import { cutText, storableTail } from "@baton/domain";
import { answered, Complaint } from "./complaint.ts";
import type { Workplace } from "./env.ts";
import { EXIT } from "./exit-codes.ts";
import { print } from "./output.ts";

export interface DoneOptions {
  pass?: string;
  fail?: string;
  leaseId?: string;
  epoch?: string;
}

interface Said {
  result: "pass" | "reject";
  output_summary: string;
}

export async function done(
  options: DoneOptions,
  { out, stage }: Workplace,
  folder: string,
  connect: () => Promise<Client>,
): Promise<number> {
  const said = saidIn(options);
  const { leaseId, epoch } = options;
  if (leaseId !== undefined || epoch !== undefined) return tell(await connect(), said, leaseId, epoch);
  const place = out ?? (await outOf(folder));
  if (place === null) {
    throw new Complaint(
      "no attempt is under way here: stand in the worktree of a task, or give --lease-id and --epoch",
      EXIT.no_input,
    );
  }
  await leave(place, said);
  const word = said.result === "pass" ? "passed" : stage === "dev" ? "sent around again" : "sent back to dev";
  print(`Noted. When this agent has ended, the task is ${word}, unless the evidence says otherwise.\n`);
  return EXIT.ok;
}

function saidIn({ pass, fail }: DoneOptions): Said {
  if ((pass === undefined) === (fail === undefined)) {
    throw new Complaint('say one of --pass "what you did" and --fail "why not"', EXIT.usage);
  }
  const words = pass ?? fail ?? "";
  const output_summary = cutText(storableTail(words, words.length).trim(), 10_000);
  if (output_summary === "") throw new Complaint("say in a few words what was done, or why not", EXIT.usage);
  return { result: pass === undefined ? "reject" : "pass", output_summary };
}

/** There as a whole or not at all: it may be read at any moment. */
async function leave(out: string, said: Said): Promise<void> {
  const path = join(out, "handoff.json");
  const draft = `${path}.${process.pid}`;
  try {
    await writeFile(draft, `${JSON.stringify(said, null, 2)}\n`);
    await rename(draft, path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Complaint(`${path} cannot be written (${code})`, EXIT.cannot_write);
  }
}

/** The same words twice are one completion. */
async function tell(client: Client, said: Said, id: string | undefined, epoch: string | undefined): Promise<number> {
  const number = Number(epoch);
  if (id === undefined || !Number.isInteger(number) || number < 1) {
    throw new Complaint("--lease-id and --epoch belong together: both are in the answer to the claim", EXIT.usage);
  }
  const { result, output_summary } = said;
  const body = { epoch: number, result, packet: { output_summary } };
  const { task, verdict, reasons } = answered(
    await client.call("complete", { params: { id }, body, idempotency_key: `done-${id}-${number}-${result}` }),
  );
  const because = reasons.length === 0 ? "" : `: ${reasons.join("; ")}`;
  print(`${verdict === "pass" ? "Passed" : "Rejected"}${because}. The task stands at ${task.stage}.\n`);
  return EXIT.ok;
}
