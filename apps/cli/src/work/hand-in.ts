/** Hands the work in: its files, its proofs, then the packet with the verdict of the evidence. Only then the branch is moved. */
import { type Assignment, type Done, land, type Surroundings } from "@baton/agents";
import { computeVerdict, type Finding, type FindingInput, faultOfBroken, rejects } from "@baton/domain";
import type { ClaimedLease } from "@baton/domain/api";
import type { Outcome, Workshop } from "./attempt.ts";
import { fittingFindings, rejectingFirst } from "./fitting-findings.ts";
import { failLease, outcomeOf } from "./give-up.ts";

export async function handIn(
  shop: Workshop,
  claimed: ClaimedLease,
  assignment: Assignment,
  surroundings: Surroundings,
  done: Done,
  duration_ms: number,
): Promise<Outcome> {
  for (const proof of done.proofs) await leaveProof(shop, claimed, proof);
  const { id, epoch } = claimed.lease;
  const body = { epoch, result: resultOf(done), ...packetOf(done) };
  const answer = await shop.patience.untilAnswered(
    (signal) => shop.client.call("complete", { params: { id }, body, idempotency_key: `complete-${id}`, signal }),
    NEVER,
  );
  if (!answer.ok) {
    const { status, problem } = answer;
    // The lease is still ours: what cannot be accepted has to end as a failure that says why.
    if (status !== 422 && status !== 413 && status !== 400) {
      const event = { event: "thrown_away" as const, task_id: claimed.task.id, why: problem.detail };
      return outcomeOf(shop, event, answer, { kind: "thrown_away" });
    }
    const where = (problem.errors ?? []).map((error) => `\n${error.pointer}: ${error.detail}`).join("");
    const broken = problem.code === "contract_violated";
    const fault = broken ? faultOfBroken(claimed.context.contract.definition) : "task";
    return failLease(shop, claimed, { fault, message: `${problem.detail}${where}`, usage: done.usage });
  }
  const { verdict, reasons, warnings } = answer.value;
  const kind = verdict === "pass" ? "passed" : "rejected";
  const warned = warnings.map(({ pointer, detail }) => `${pointer}: ${detail}`);
  shop.say({ event: kind, task_id: claimed.task.id, duration_ms: Math.round(duration_ms), reasons, warnings: warned });
  await landed(shop, assignment, done, surroundings);
  return { kind };
}

/** The evidence, and the agent's word. A finding that rejects speaks for itself: the reason is then not "the agent rejected it". */
function resultOf(done: Done): "pass" | "reject" {
  const speaks_for_itself = done.claimed !== "reject" && done.findings.some(rejects);
  return speaks_for_itself ? "pass" : computeVerdict(done).verdict;
}

/** What is done is handed in, also when we have been asked to end. */
const NEVER = new AbortController().signal;

function packetOf({ packet, findings, usage }: Done) {
  return {
    packet,
    findings: fittingFindings(rejectingFirst(findings).map(asInput)),
    ...(Object.keys(usage).length > 0 && { usage }),
  };
}

/** A finding in the words of the wire, whose description says the place again only once. */
function asInput({ title, kind, severity, status, file, line, description }: Finding): FindingInput {
  const place = file === null ? null : line === null ? file : `${file}:${line}`;
  const rest =
    place !== null && description.startsWith(place) ? description.slice(place.length).trimStart() : description;
  return {
    ...{ title, kind, severity, status },
    ...(file !== null && { file }),
    ...(line !== null && { line }),
    ...(rest !== "" && { description: rest }),
  };
}

/** Evidence beside the packet: without it the work is worth as much, so a refusal is said and passed over. */
async function leaveProof(shop: Workshop, { lease, task }: ClaimedLease, proof: Done["proofs"][number]): Promise<void> {
  const { kind, name, summary, media_type, content } = proof;
  const answer = await shop.patience.untilAnswered(
    (signal) =>
      shop.client.call("addProof", {
        params: { id: task.id },
        query: { kind, name, summary, lease_id: lease.id, epoch: lease.epoch },
        ...{ file: new Uint8Array(content), media_type, idempotency_key: `proof-${lease.id}-${kind}`, signal },
      }),
    NEVER,
  );
  if (!answer.ok) shop.say({ event: "note", text: `the proof ${name} was not taken: ${answer.problem.detail}` });
}

/** The commit is in the packet and has a name of its own: the next stage's landing makes this one good. */
async function landed(
  shop: Workshop,
  assignment: Assignment,
  { commit }: Done,
  surroundings: Surroundings,
): Promise<void> {
  try {
    await land(assignment, commit, { ...surroundings, signal: NEVER });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    shop.say({ event: "note", text: `the branch could not be moved: ${why}` });
  }
}
