/** Calls of agents on their leases. */
import { IdParams } from "../fields.ts";
import * as leases from "../leases.ts";
import { get, post } from "../route.ts";
import * as tasks from "../tasks.ts";
import { ONCE, WORKERS } from "./shared.ts";

const lease = { ...WORKERS, tag: "leases" } as const;
const held = { ...lease, ...ONCE, params: IdParams, refusals: ["not_found", "lease_lost"] } as const;

export const leaseRoutes = {
  claim: post("/api/leases", {
    ...lease,
    summary: "Claim the best ready task of some stages, waiting for one if asked to",
    body: leases.ClaimLease,
    answers: { 200: leases.ClaimedLease, 201: leases.ClaimedLease, 204: null },
    refusals: ["claim_id_used"],
    wait: true,
  }),
  heartbeat: post("/api/leases/:id/heartbeat", {
    ...held,
    summary: "Keep a lease and hear what to do",
    body: leases.Heartbeat,
    answers: { 200: leases.HeartbeatAnswer },
  }),
  checkpoint: post("/api/leases/:id/checkpoint", {
    ...held,
    summary: "Keep a draft of the packet, so that a crash loses no finished thought",
    body: leases.Checkpoint,
    answers: { 200: leases.CheckpointAnswer },
    refusals: [...held.refusals, "too_large"],
    packet: true,
  }),
  addFindings: post("/api/leases/:id/findings", {
    ...held,
    summary: "Add findings as they are made; the handoff carries them",
    body: leases.AddFindings,
    answers: { 200: leases.FindingsAnswer },
    refusals: [...held.refusals, "too_many", "too_large"],
  }),
  taskContext: get("/api/leases/:id/context", {
    ...lease,
    params: IdParams,
    refusals: held.refusals,
    summary: "What the claim answered, once more",
    answers: { 200: leases.ClaimedLease },
  }),
  complete: post("/api/leases/:id/complete", {
    ...held,
    summary: "Hand the work over with its packet",
    body: leases.CompleteLease,
    answers: { 200: leases.CompletedLease },
    refusals: [...held.refusals, "contract_violated"],
    packet: true,
  }),
  fail: post("/api/leases/:id/fail", {
    ...held,
    summary: "Say that the attempt could not be carried out",
    body: leases.FailLease,
    answers: { 200: tasks.TaskAnswer },
  }),
  block: post("/api/leases/:id/block", {
    ...held,
    summary: "Say that the work waits for something outside the line",
    body: leases.BlockLease,
    answers: { 200: tasks.TaskAnswer },
  }),
  release: post("/api/leases/:id/release", {
    ...held,
    summary: "Give the task back untouched",
    body: leases.ReleaseLease,
    answers: { 200: tasks.TaskAnswer },
  }),
};
