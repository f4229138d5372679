/** The open line as one ticket's work sees it, with everything that it claims and writes told to the history, and, if wanted, with its heartbeats lost on the way. */
import { randomUUID } from "node:crypto";
import { type Applied, type Change, type Claimed, type Db, isAway, isCollision, type TicketClaim } from "@baton/db";
import { isStage } from "@baton/domain";
import type { Assignment, OpenLine } from "@baton/pipeline";
import type { Operation } from "../history/entry.ts";
import { packetHash } from "../history/packet-hash.ts";
import type { History } from "../history/write.ts";

export interface ToldLine {
  line: OpenLine;
  /** The claim was answered with this. */
  given(assignment: Assignment): void;
  /** The ticket is done with. `failed`: by an error, so that nobody knows whether anything was claimed. */
  over(failed: boolean): void;
  /** From now on no heartbeat of this ticket's work arrives. */
  goSilent(): void;
}

export function tellLine(line: OpenLine, history: History): ToldLine {
  let silent = false;
  let claim: string | null = null;
  let run_id = "";
  const told: OpenLine = {
    ...line,
    db: deafOn(line.db, () => silent),
    claims: {
      add: async (asked) => {
        claim = history.invoke(claimOf(asked));
        const claimed = await line.claims.add(asked);
        if (claimed === "busy" || claimed === "more") {
          // It is going to ask again.
          history.ok(claim, {});
          claim = null;
        } else run_id = claimed === "limited" ? "" : (claimed?.run_id ?? "");
        return claimed;
      },
    },
    write: (change, place) => toldWrite(line, history, { change, place, run_id }),
  };
  return {
    line: told,
    given: (assignment) => {
      run_id = assignment.claimed.run_id;
      if (claim !== null) history.ok(claim, { lease: leaseIn(assignment) });
      claim = null;
    },
    over: (failed) => {
      if (claim === null) return;
      if (failed) history.info(claim, "the claim broke off");
      else history.ok(claim, {});
      claim = null;
    },
    goSilent: () => {
      silent = true;
    },
  };
}

function claimOf({ claim_id, stage, agent_id }: TicketClaim): Operation {
  return { op: "claim", claim_id, stages: [stage], agent_id };
}

function leaseIn(assignment: Assignment) {
  const { claimed, context } = assignment;
  const { attempt, lease_expires_at, packet_id }: Claimed = claimed;
  const packet = context.packets.find(({ id }) => id === packet_id);
  return {
    ...{ ...heldBy(assignment), attempt, expires_at: lease_expires_at?.toISOString() ?? "", packet_id },
    packet: packet ? packetHash(packet) : null,
  };
}

/** Whose lease, on what: it stands in every operation of the attempt. */
export function heldBy({ claimed, held, stage }: Assignment) {
  const { id: task_id, run_id, visit } = claimed;
  return { task_id, run_id, ...held.lease, stage, visit };
}

interface Written {
  change: Change;
  place: string | null | undefined;
  run_id: string;
}

/** A worker tells again what was not answered: each time is an operation of its own, with a key of its own. */
async function toldWrite(
  line: OpenLine,
  history: History,
  { change, place, run_id }: Written,
): Promise<Applied | null> {
  const operation = operationOf(change, run_id);
  const id = operation && history.invoke(operation);
  try {
    const applied = await line.write(change, place);
    if (id === null) return applied;
    if (applied === null) history.fail(id, 410, "lease_lost");
    else history.ok(id, verdictOf(change));
    return applied;
  } catch (error) {
    if (id !== null) history.info(id, reasonOf(error));
    throw error;
  }
}

/** What a caller over HTTP would be told: anything but a database that is away or in the way is a bug. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return isAway(error) || isCollision(error) ? message : `500 ${message}`;
}

function operationOf({ command, before, packet, findings, attempt }: Change, run_id: string): Operation | null {
  const { id: task_id, epoch, visit, stage, lease } = before;
  if (lease === null || !isStage(stage)) return null;
  const held = { task_id, run_id, lease_id: lease.id, epoch, stage, visit, key: randomUUID() };
  if (command === "pass" || command === "reject") {
    const { tokens_in = 0, tokens_out = 0, cost_usd = "" } = attempt?.usage ?? {};
    const titles = (findings ?? []).map(({ title }) => title);
    const besides = { findings: titles, usage: { tokens_in, tokens_out, cost_usd } };
    return { op: "complete", ...held, result: command, packet: packet ? packetHash(packet) : "", besides };
  }
  if (command === "fail") return { op: "fail", ...held, fault: attempt?.fault ?? "" };
  return command === "release" ? { op: "release", ...held } : null;
}

function verdictOf({ command }: Change) {
  return command === "pass" || command === "reject" ? { verdict: command } : {};
}

/** As behind a wall: heartbeats are answered with an error, everything else goes through. */
function deafOn(db: Db, silent: () => boolean): Db {
  return {
    ...db,
    run: (statement, values) => {
      if (silent() && statement.name === "baton_heartbeat") return Promise.reject(new Error("lost on the way"));
      return db.run(statement, values);
    },
  };
}
