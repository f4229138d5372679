/** What every contender carries from hop to hop: as large for all of them, and never twice the same. */
import { randomBytes } from "node:crypto";

export const PACKET_BYTES = 1_024;

/** Random letters: neither Postgres nor a network can make less of them. */
export function packetText(): string {
  return randomBytes((PACKET_BYTES / 4) * 3).toString("base64");
}
