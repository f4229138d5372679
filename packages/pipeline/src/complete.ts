/** Completes an attempt: the verdict is computed from the evidence, the packet is enriched, and task, packet, findings, event and ticket are written together. */
import { type Applied, lockRun, type NewPacket, newestPacket, newId, stageOf } from "@baton/db";
import {
  type Check,
  computeVerdict,
  cutText,
  distinctFindings,
  enrich,
  type Finding,
  normaliseFinding,
  type PacketDraft,
  type Result,
  rejects,
  type Stage,
  storableTail,
  type Usage,
  type Verdict,
} from "@baton/domain";
import { addFindingTasks } from "./finding-tasks.ts";
import { endAttempt, type Held, LOST } from "./held.ts";
import { judgeHandoff, type KeptContract, type Warning } from "./judge-handoff.ts";
import { inTransaction, type Line } from "./line.ts";
import { lookAtHandoff, type SeenHandoff } from "./look-at-handoff.ts";
import { findRepeated, repetitionOf } from "./repeating.ts";

/** What an attempt left. */
export interface Work {
  /** What the agent says; it can only make the verdict worse. */
  claimed: Verdict | null;
  /** Why it rejects, in its own words. */
  reason?: string | undefined;
  packet: PacketDraft;
  findings: readonly Finding[];
  checks: readonly Check[];
  usage: Usage;
  /** What was seen of the handoff before; looked at now when it is left out. */
  seen?: SeenHandoff | undefined;
}

export interface Completed {
  applied: Applied;
  packet_id: string;
  verdict: Verdict;
  reasons: string[];
  findings: Finding[];
  warnings: Warning[];
}

/**
 * Refused with `lease_lost` when the lease is not the current one any more, and with `contract_violated` when what would
 * go on does not keep its contract; then nothing is written. A rejection goes back with its findings and needs no contract.
 */
export async function completeAttempt(
  line: Line,
  held: Held,
  work: Work,
  findings_to: "packet" | "tasks",
): Promise<Result<Completed>> {
  const findings = distinctFindings([...work.findings, ...findingsOfChecks(work)]);
  const { verdict, reasons: why } = computeVerdict({ ...work, findings });
  const again = verdict === "reject" ? await findRepeated(line, held, findings) : null;
  const reasons = again === null ? why : [repetitionOf(again), ...why];
  const draft = { ...work.packet, output_metrics: { ...work.packet.output_metrics, ...checkMetrics(work.checks) } };
  const kept = verdict === "pass" ? await keptContract(line, held, draft, work.seen) : NOTHING_GOES_ON;
  if (!kept.ok) return kept;
  const { transfers, warnings } = kept.value;
  const packet = await packetFor(line, held, { ...work, packet: withContract(draft, kept.value) }, verdict, reasons);
  const leaves = { attempt: { outcome: verdict, usage: work.usage }, packet, findings, transfers };
  const command =
    verdict === "pass"
      ? ({ name: "pass", reasons } as const)
      : ({ name: "reject", reasons, repeating: again !== null } as const);
  const end = (on: Line) => endAttempt(on, held, command, leaves);
  const ended =
    findings_to === "tasks" && findings.length > 0 ? await endWithTasks(line, held, end, findings) : await end(line);
  if (!ended.ok) return ended;
  return { ok: true, value: { applied: ended.value, packet_id: packet.id, verdict, reasons, findings, warnings } };
}

const NOTHING_GOES_ON: Result<KeptContract> = { ok: true, value: { version: 0, warnings: [], transfers: [] } };

async function keptContract(line: Line, { row, lease }: Held, packet: PacketDraft, before?: SeenHandoff) {
  const { workspace_id, stage } = row;
  const seen = before ?? (await lookAtHandoff(line, { workspace_id, lease_id: lease.lease_id, packet }));
  return seen === null ? LOST : judgeHandoff(stage, seen, packet);
}

/** The next agent reads what the contract warned of. */
function withContract(packet: PacketDraft, { version, warnings }: KeptContract): PacketDraft {
  if (version === 0 && warnings.length === 0) return packet;
  return { ...packet, output_metrics: { ...packet.output_metrics, contract: { version, warnings } } };
}

/**
 * The new tasks and the end of the attempt are one transaction: neither is there without the other. The run is locked
 * first, as everywhere, so that a pause or a kill either sees the new tasks or is seen by them.
 */
async function endWithTasks(line: Line, held: Held, end: (on: Line) => Promise<Result<Applied>>, findings: Finding[]) {
  const { workspace_id, run_id } = held.row;
  return inTransaction(line, async (tx) => {
    const run = await lockRun(tx.db, workspace_id, run_id);
    const ended = await end(tx);
    if (ended.ok && run) await addFindingTasks(tx, run, held.row, findings);
    return ended;
  });
}

const AGENT_TYPE: Record<Stage, string> = { dev: "builder", qa: "qa", sec: "security", docs: "docs" };

async function packetFor(line: Line, held: Held, work: Work, verdict: Verdict, reasons: string[]): Promise<NewPacket> {
  const { row } = held;
  const phase = stageOf(row);
  // In the first visit there cannot be an earlier packet of the same stage.
  const previous = row.visit === 1 ? null : await newestPacket(line.db, row.id, phase);
  const { summary_cut: _, ...packet } = enrich({
    draft: work.packet,
    usage: work.usage,
    previous,
    source: held.source,
  });
  return {
    ...packet,
    id: newId(),
    phase,
    status: verdict === "pass" ? "completed" : "rejected",
    agent_id: held.agent.id,
    agent_type: AGENT_TYPE[phase],
    agent_name: held.agent.kind ?? held.agent.id,
    started_at: held.started_at,
    input_context: { visit: row.visit, attempt: row.attempt },
    rejection_reason: verdict === "reject" ? cutText(reasons.join("\n"), 10_000) : null,
  };
}

function checkMetrics(checks: readonly Check[]): Record<string, unknown> {
  if (checks.length === 0) return {};
  return {
    checks: checks.map(({ name, command, exit_code, duration_ms }) => ({ name, command, exit_code, duration_ms })),
  };
}

/** A failed check that no finding explains becomes a finding itself, so that dev learns what to mend. */
function findingsOfChecks({ checks, findings }: Work): Finding[] {
  if (findings.some(rejects)) return [];
  return checks
    .filter((check) => check.exit_code !== 0)
    .map((check) =>
      normaliseFinding(
        {
          title: cutText(`${check.name} fails: ${check.command}`, 1_000),
          severity: "high",
          description: storableTail(check.output, 5_000) || "no output",
        },
        "bug",
      ),
    );
}
