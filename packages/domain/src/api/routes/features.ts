/** Calls on the handoff packets of a feature. */
import * as features from "../features.ts";
import { get, post } from "../route.ts";
import { MAKERS, ONCE, ONE } from "./shared.ts";

const feature = { ...MAKERS, tag: "features" } as const;

export const featureRoutes = {
  addFeaturePacket: post("/api/features/:id/handoff-packets", {
    ...feature,
    ...ONCE,
    summary: "Leave the packet of a phase: what was done, in which time, at which cost",
    ...ONE,
    body: features.CreateFeaturePacket,
    answers: { 201: features.FeaturePacketAnswer },
    packet: "body",
  }),
  listFeaturePackets: get("/api/features/:id/handoff-packets", {
    ...feature,
    ...ONE,
    summary: "List a feature's packets by phase, the newest version first",
    query: features.ListFeaturePackets,
    answers: { 200: features.FeaturePacketList },
  }),
  auditTrail: get("/api/features/:id/audit-trail", {
    ...feature,
    ...ONE,
    summary: "Look at all phases of a feature: packets, versions, time, cost and events",
    answers: { 200: features.AuditTrail },
  }),
};
