/** A hosted worker's claim: the best task where its ticket points, with everything the work needs. Claims of a process that arrive together are made together. */
import { setTimeout as pause } from "node:timers/promises";
import { type Claimed, type Given, isAway, newId, type TaskContext, type TicketClaim } from "@baton/db";
import { type Stage, storableTail } from "@baton/domain";
import type { Ticket } from "@baton/queue";
import { failAttempt } from "./give-back.ts";
import type { Held } from "./held.ts";
import type { OpenLine } from "./line.ts";
import { claimPatiently } from "./patient-claim.ts";

export interface HostedAgent {
  id: string;
  kind: string;
}

/** A claimed task in a hosted worker's hands. */
export interface Assignment {
  held: Held;
  claimed: Claimed;
  stage: Stage;
  context: TaskContext;
}

/** Null when nothing in the ticket's stage and workspace is ready, due and for hosted workers. */
export async function claimTicket(
  line: OpenLine,
  ticket: Ticket,
  agent: HostedAgent,
  lease_ms: number,
): Promise<Assignment | null> {
  const lease_id = newId();
  const asked: TicketClaim = {
    ...{ task_id: ticket.task_id, stage: ticket.stage, lease_id, claim_id: lease_id, lease_ms },
    ...{ agent_id: agent.id, agent_kind: agent.kind },
  };
  const given = await claimPatiently(line, asked);
  if (given === null) return null;
  const read_at = performance.now();
  const { context: told, ...claimed } = given;
  const bare: Held = {
    row: claimed,
    lease: { lease_id, epoch: claimed.epoch },
    agent: { id: agent.id, kind: agent.kind },
    credential: claimed.credential,
    started_at: claimed.now,
    source: null,
    now: claimed.now,
    read_at,
    hosted: [],
  };
  const context = told ?? (await contextOf(line, given).catch((error) => giveUp(line, bare, error)));
  if (context === null) throw new Error("a claimed task has no texts");
  const newest = context.packets.find((packet) => packet.id === claimed.packet_id);
  const source = newest ? { id: newest.id, phase: newest.phase } : null;
  const held = { ...bare, source, hosted: context.project.hosted };
  return { held, claimed, stage: ticket.stage, context };
}

/** A contract or role that this version cannot read is not the task's fault; left to expire, the lease would be a crash. */
async function giveUp(line: OpenLine, held: Held, error: unknown): Promise<never> {
  const why = error instanceof Error ? error.message : String(error);
  const message = `what the task's holder has to know cannot be read: ${storableTail(why, WORDS)}`;
  await failAttempt(line, held, { fault: "worker", message }).catch(line.onError);
  throw error;
}

/** As much of an error as tells what it is, in characters. */
const WORDS = 2_000;

const AGAIN_MS = 500;

/** A database that goes away right after the claim must not cost the task an attempt: nobody else knows of the lease. */
async function contextOf(line: OpenLine, { id, lease_ms }: Given): Promise<TaskContext | null> {
  const end = performance.now() + lease_ms;
  for (;;) {
    try {
      return await line.contexts.add(id);
    } catch (error) {
      if (!isAway(error) || performance.now() > end) throw error;
      await pause(AGAIN_MS);
    }
  }
}
