/** Which verb answers which route. The record is exhaustive over the route table: a route without a handler does not compile. */
import { ok, type Result } from "@baton/domain";
import { type Answer, type Parsed, ROUTES, type RouteName } from "@baton/domain/api";
import type { Line, Principal } from "@baton/pipeline";
import * as pipeline from "@baton/pipeline";
import type { Request, Response } from "express";
import { getArtifact, putArtifact } from "./artifacts.ts";
import { acceptHandoff, claimLease, planRun } from "./claims.ts";
import type { FileReply } from "./download.ts";
import { login, logout } from "./login.ts";
import type { Parts } from "./parts.ts";
import { addProof, getProof } from "./proofs.ts";
import { tellStatus } from "./status.ts";

type Table = typeof ROUTES;

export type Input<N extends RouteName> = Whole<Parsed<Table[N], "params">> &
  Whole<Parsed<Table[N], "query">> &
  Whole<Parsed<Table[N], "body">>;
type Whole<T> = T extends undefined ? unknown : T;

type Who<N extends RouteName> = Table[N]["roles"] extends "anyone" ? Principal | null : Principal;

export interface Ask<N extends RouteName> {
  /** The open line, or the same inside the transaction of an Idempotency-Key. */
  line: Line;
  who: Who<N>;
  input: Input<N>;
  parts: Parts;
  request: Request;
  response: Response;
}

export interface Reply<N extends RouteName> {
  status: keyof Table[N]["answers"];
  value: Answer<Table[N]>;
  headers?: Record<string, string>;
  /** In place of a value, where the route is a download. */
  file?: FileReply;
}

export type Handler<N extends RouteName> = (ask: Ask<N>) => Promise<Result<Reply<N>>>;

type Verb<N extends RouteName> = (line: Line, who: Principal, input: Input<N>) => Promise<Result<Answer<Table[N]>>>;

/** The handler of a route that one verb of the line answers, always with the same status. */
function verb<N extends RouteName>(status: keyof Table[N]["answers"], call: Verb<N>): Handler<N> {
  return async ({ line, who, input }) => {
    if (who === null) throw new Error("a verb needs somebody who asks");
    const answer = await call(line, who, input);
    return answer.ok ? ok({ status, value: answer.value }) : answer;
  };
}

const createRun: Handler<"createRun"> = async ({ line, who, input, parts }) => {
  const made = await pipeline.createRun(line, who, { ...input, auto_trigger: parts.auto_trigger });
  return made.ok ? ok({ status: 201, value: made.value }) : made;
};

/** The lease verbs call the `:id` of the path by its full name. */
function held<I extends { id: string }, T>(
  call: (line: Line, who: Principal, input: Omit<I, "id"> & { lease_id: string }) => Promise<Result<T>>,
) {
  return (line: Line, who: Principal, { id, ...rest }: I) => call(line, who, { ...rest, lease_id: id });
}

export const HANDLERS: { [N in RouteName]: Handler<N> } = {
  createProject: verb(201, pipeline.createProject),
  listProjects: verb(200, pipeline.listProjects),
  getProject: verb(200, pipeline.getProject),
  updateProject: verb(200, pipeline.updateProject),
  listStages: verb(200, pipeline.listStages),
  pauseStage: verb(200, pipeline.pauseStage),
  resumeStage: verb(200, pipeline.resumeStage),
  listContracts: verb(200, pipeline.listContracts),
  getContract: verb(200, pipeline.getContract),
  putContract: verb(201, pipeline.putContract),
  createFeature: verb(201, pipeline.createFeature),
  listFeatures: verb(200, pipeline.listFeatures),
  getFeature: verb(200, pipeline.getFeature),
  addFeaturePacket: verb(201, pipeline.addFeaturePacket),
  listFeaturePackets: verb(200, pipeline.listFeaturePackets),
  auditTrail: verb(200, pipeline.getAuditTrail),
  createRun,
  addTasks: verb(201, pipeline.addTasks),
  listRuns: verb(200, pipeline.listRuns),
  getRun: verb(200, pipeline.getRun),
  taskProgress: verb(200, pipeline.taskProgress),
  pauseRun: verb(200, pipeline.pauseRun),
  resumeRun: verb(200, pipeline.resumeRun),
  killRun: verb(200, pipeline.killRun),
  approveRun: verb(200, pipeline.approveRun),
  triggerAgent: verb(200, pipeline.triggerAgent),
  triggerPipeline: verb(200, pipeline.triggerPipeline),
  planRun,
  listPlans: verb(200, pipeline.listPlans),
  beatPlan: verb(200, pipeline.beatPlan),
  completePlan: verb(200, pipeline.completePlan),
  failPlan: verb(200, pipeline.failPlan),
  listTasks: verb(200, pipeline.listTasks),
  readyTasks: verb(200, pipeline.readyTasks),
  getTask: verb(200, pipeline.getTask),
  timeline: verb(200, pipeline.timeline),
  ledger: verb(200, pipeline.ledgerOf),
  explain: verb(200, pipeline.explain),
  advanceStage: verb(200, pipeline.advanceStage),
  setStage: verb(200, pipeline.setStage),
  cancelTask: verb(200, pipeline.cancelTask),
  reopenTask: verb(200, pipeline.reopenTask),
  unblockTask: verb(200, pipeline.unblockTask),
  postMessage: verb(201, pipeline.postMessage),
  listMessages: verb(200, pipeline.listMessages),
  claim: claimLease,
  heartbeat: verb(200, held(pipeline.heartbeatLease)),
  checkpoint: verb(200, held(pipeline.checkpoint)),
  addFindings: verb(200, held(pipeline.addFindings)),
  taskContext: verb(200, pipeline.taskContext),
  complete: verb(200, held(pipeline.completeLease)),
  fail: verb(200, held(pipeline.failLease)),
  block: verb(200, held(pipeline.blockLease)),
  release: verb(200, held(pipeline.releaseLease)),
  listHandoffs: verb(200, pipeline.listHandoffs),
  listPackets: verb(200, pipeline.listPackets),
  getHandoff: verb(200, pipeline.getHandoff),
  acceptHandoff,
  completeHandoff: verb(200, pipeline.completeHandoff),
  failHandoff: verb(200, pipeline.failHandoff),
  putArtifact,
  manifest: verb(200, pipeline.manifest),
  getArtifact,
  addProof,
  taskProofs: verb(200, pipeline.taskProofs),
  projectProofs: verb(200, pipeline.projectProofs),
  getProof,
  listRoles: verb(200, pipeline.listRoles),
  getRole: verb(200, pipeline.getRole),
  putRole: verb(201, pipeline.putRole),
  roleVersions: verb(200, pipeline.roleVersions),
  listTokens: verb(200, pipeline.listTokens),
  createToken: verb(201, pipeline.createToken),
  revokeToken: verb(204, pipeline.revokeToken),
  login,
  logout,
  status: tellStatus,
};
