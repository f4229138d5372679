/** A ticket is used up by its look, so the look has patience: with tasks that others have in their hands, and with a database that is away. */
import { setTimeout as pause } from "node:timers/promises";
import {
  claimLimitedTicket,
  findGiven,
  type Given,
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
export async function claimPatiently(line: OpenLine, asked: TicketClaim): Promise<Given | null> {
  const look = openLook(line, asked);
  for (let looks = 1; looks <= LOOKS; looks += 1) {
    const answer = await look();
    if (answer !== "busy") return answer;
    await pause(Math.min(FIRST_PAUSE_MS * 2 ** (looks - 1), LONGEST_PAUSE_MS));
  }
  return null;
}

type Answer = Exclude<TicketAnswer, "limited" | "more">;

/** All looks ask for the same lease: one whose answer was lost may have been given it, or be given it while the next one looks. */
function openLook(line: OpenLine, asked: TicketClaim): () => Promise<Answer> {
  let lost = false;

  async function once(): Promise<Answer> {
    const answer = await claimed();
    return isLease(answer) || !lost ? answer : ((await findGiven(line.db, asked.lease_id)) ?? answer);
  }

  async function claimed(): Promise<Answer> {
    try {
      const near = await line.claims.add(asked);
      const answer = near === "more" ? await line.claims.add({ ...asked, wide: true }) : near;
      if (answer === "limited") return await claimLimitedTicket(line.db, asked);
      // Nobody who has looked wide is told so again.
      return answer === "more" ? "busy" : answer;
    } catch (error) {
      if (lost && isDuplicate(error)) return null;
      throw error;
    }
  }

  return async () => {
    const end = performance.now() + asked.lease_ms;
    for (;;) {
      try {
        return await once();
      } catch (error) {
        if (!isAway(error) || performance.now() > end) throw error;
        lost = true;
        await pause(LONGEST_PAUSE_MS);
      }
    }
  };
}

function isLease(answer: Answer): answer is Given {
  return answer !== null && answer !== "busy";
}
