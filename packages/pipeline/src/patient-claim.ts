/** A ticket is used up by its look, so the look has patience: with tasks that others have in their hands, and with a database that is away. */
import { setTimeout as pause } from "node:timers/promises";
import {
  type Claimed,
  claimLimitedTicket,
  findGiven,
  isAway,
  isDuplicate,
  type TicketAnswer,
  type TicketClaim,
} from "@baton/db";
import type { OpenLine } from "./line.ts";

/** Between two looks: others have a task in their hands for as long as a statement takes. */
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 500;
/** In all some seconds, as long as it takes the reconciler to send what has no ticket. */
const LOOKS = 15;

/** Null when nothing is ready. Throws when the database stays away for longer than the lease would live. */
export async function claimPatiently(line: OpenLine, asked: TicketClaim): Promise<Claimed | null> {
  for (let looks = 1; looks <= LOOKS; looks += 1) {
    const answer = await answered(line, asked);
    if (answer !== "busy") return answer;
    await pause(Math.min(FIRST_PAUSE_MS * 2 ** (looks - 1), LONGEST_PAUSE_MS));
  }
  return null;
}

/** A database that is away must not use the ticket up: nobody else looks for its task until the reconciler does. */
async function answered(line: OpenLine, asked: TicketClaim): Promise<TicketAnswer> {
  const end = performance.now() + asked.lease_ms;
  for (let look = firstLook; ; look = lookAgain) {
    try {
      return await look(line, asked);
    } catch (error) {
      if (!isAway(error) || performance.now() > end) throw error;
      await pause(LONGEST_PAUSE_MS);
    }
  }
}

async function firstLook(line: OpenLine, asked: TicketClaim): Promise<TicketAnswer> {
  return (await line.claims.add(asked)) ?? (await claimLimitedTicket(line.db, asked));
}

/** The look whose answer was lost may have been given a lease: then that is the answer. It may also still be under way. */
async function lookAgain(line: OpenLine, asked: TicketClaim): Promise<TicketAnswer> {
  const given = await findGiven(line.db, asked.lease_id);
  if (given !== null) return given;
  try {
    return await firstLook(line, asked);
  } catch (error) {
    if (isDuplicate(error)) return findGiven(line.db, asked.lease_id);
    throw error;
  }
}
