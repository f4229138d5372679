/** Calls on handoffs: looking at them, and driving one by hand. */
import { IdParams } from "../fields.ts";
import * as handoffs from "../handoffs.ts";
import { get, post } from "../route.ts";
import { EVERYBODY, ONCE, ONE, WORKERS } from "./shared.ts";

const look = { ...EVERYBODY, ...ONE, tag: "handoffs" } as const;
const drive = { ...WORKERS, tag: "handoffs", params: IdParams } as const;
const answer = {
  ...drive,
  ...ONCE,
  answers: { 200: handoffs.AnsweredHandoff },
  refusals: ["not_found", "transition_not_allowed", "lease_lost"],
  packet: true,
} as const;

export const handoffRoutes = {
  listHandoffs: get("/api/tasks/:id/handoffs", {
    ...look,
    summary: "The handoffs of a task, newest first",
    query: handoffs.ListHandoffs,
    answers: { 200: handoffs.HandoffList },
  }),
  listPackets: get("/api/tasks/:id/packets", {
    ...look,
    summary: "The packets that a task left, with their findings, newest first",
    query: handoffs.ListPackets,
    answers: { 200: handoffs.PacketList },
  }),
  getHandoff: get("/api/handoffs/:id", {
    ...look,
    summary: "Look at a handoff; its id is that of its packet",
    answers: { 200: handoffs.HandoffAnswer },
  }),
  acceptHandoff: post("/api/handoffs/:id/accept", {
    ...drive,
    summary: "Claim the task whose packet is handed over",
    body: handoffs.AcceptHandoff,
    answers: { 200: handoffs.AcceptedHandoff, 201: handoffs.AcceptedHandoff },
    refusals: [
      ...(["not_found", "transition_not_allowed", "lease_held", "not_due", "run_closed"] as const),
      ...(["claim_id_used", "conflict"] as const),
    ],
  }),
  completeHandoff: post("/api/handoffs/:id/complete", {
    ...answer,
    refusals: [...answer.refusals, "contract_violated"],
    summary: "Pass the stage that accepted it, with the packet for the next one",
    body: handoffs.CompleteHandoff,
  }),
  failHandoff: post("/api/handoffs/:id/fail", {
    ...answer,
    summary: "Reject what was handed over: it goes back to dev with the reason",
    body: handoffs.FailHandoff,
  }),
};
