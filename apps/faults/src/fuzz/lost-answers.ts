/** Claims whose answer is destroyed on the wire: it is read by a bystander who tells what was lost, or the connection is reset before it comes. */
import { connect, type Socket } from "node:net";
import { ClaimedLease, type ClaimLease } from "@baton/domain/api";
import type { z } from "zod";
import { parsed } from "./judge.ts";

export type Claim = z.input<typeof ClaimLease>;

/** `reset_after_ms`: the caller is gone so soon that nobody knows whether the claim was made. */
export type Loss = { kind: "heard" } | { kind: "reset"; after_ms: number };

/** What the caller should have heard, as far as anybody knows. */
export async function loseClaim(url: string, token: string, claim: Claim, loss: Loss): Promise<ClaimedLease | null> {
  const { hostname, port } = new URL(url);
  const body = JSON.stringify(claim);
  const socket = connect(Number(port), hostname);
  const answer = answerOn(socket);
  socket.write(
    `POST /api/leases HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  if (loss.kind === "reset") socket.once("connect", () => setTimeout(() => socket.resetAndDestroy(), loss.after_ms));
  const lease = ClaimedLease.safeParse(parsed((await answer).split("\r\n\r\n").slice(1).join("\r\n\r\n")));
  return lease.success ? lease.data : null;
}

/** All that came before the connection was closed. */
function answerOn(socket: Socket): Promise<string> {
  const pieces: Buffer[] = [];
  return new Promise((resolve) => {
    socket.on("data", (piece: Buffer) => pieces.push(piece)).on("error", () => {});
    socket.once("close", () => resolve(Buffer.concat(pieces).toString()));
  });
}
