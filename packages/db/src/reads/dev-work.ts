/** Reading what a rejection is compared with: the packet of the rejection before, its findings, and what dev left before and after it. */
import type { DevWork, Finding, Packet, Stage } from "@baton/domain";
import type { Db } from "../client.ts";
import { and, asc, desc, eq, gt, inArray, lt } from "../drizzle.ts";
import { artifacts, attempts, findings, handoff_packets } from "../schema/index.ts";
import { packetOf } from "./packets.ts";

export interface EarlierRejection {
  findings: Pick<Finding, "fingerprint" | "status">[];
  dev_before: DevWork;
  dev_after: DevWork;
}

/** Null when the newest packet of the stage is no rejection, or dev has handed nothing over since. */
export async function earlierRejection(db: Db, task_id: string, stage: Stage): Promise<EarlierRejection | null> {
  const of = (phase: Stage) => and(eq(handoff_packets.task_id, task_id), eq(handoff_packets.phase, phase));
  const newest = desc(handoff_packets.version);
  const [rejected] = await db.orm.select().from(handoff_packets).where(of(stage)).orderBy(newest).limit(1);
  if (rejected?.status !== "rejected") return null;
  const { created_at } = handoff_packets;
  const pick = (when: ReturnType<typeof lt>) =>
    db.orm
      .select()
      .from(handoff_packets)
      .where(and(of("dev"), when))
      .orderBy(newest)
      .limit(1);
  const [before] = await pick(lt(created_at, rejected.created_at));
  const [after] = await pick(gt(created_at, rejected.created_at));
  if (before === undefined || after === undefined) return null;
  const found = await db.orm
    .select({ fingerprint: findings.fingerprint, status: findings.status })
    .from(findings)
    .where(eq(findings.packet_id, rejected.id));
  const put = await checksumsByVisit(db, task_id);
  return {
    findings: found,
    dev_before: devWork(packetOf(before), put),
    dev_after: devWork(packetOf(after), put),
  };
}

function devWork(packet: Packet, put: Map<number, Map<string, string>>): DevWork {
  const { output_summary, output_artifacts, output_decisions, output_metrics, input_context } = packet;
  const checksums = put.get(Number(input_context.visit)) ?? new Map<string, string>();
  return { output_summary, output_artifacts, output_decisions, output_metrics, checksums };
}

/** What the attempts put that passed dev, by visit: the newest of each name. */
async function checksumsByVisit(db: Db, task_id: string): Promise<Map<number, Map<string, string>>> {
  const passed = db.orm
    .select({ id: attempts.id })
    .from(attempts)
    .where(and(eq(attempts.task_id, task_id), eq(attempts.stage, "dev"), eq(attempts.outcome, "pass")));
  const rows = await db.orm
    .select({ visit: artifacts.visit, name: artifacts.name, checksum: artifacts.checksum })
    .from(artifacts)
    .where(and(eq(artifacts.task_id, task_id), inArray(artifacts.lease_id, passed)))
    .orderBy(asc(artifacts.id));
  const visits = new Map<number, Map<string, string>>();
  for (const { visit, name, checksum } of rows) {
    visits.set(visit, (visits.get(visit) ?? new Map<string, string>()).set(name, checksum));
  }
  return visits;
}
