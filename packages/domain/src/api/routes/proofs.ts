/** Calls on proofs: evidence goes in by hand, by agents and by the line, and is looked at by task or by project. */

import { IdParams } from "../fields.ts";
import * as proofs from "../proofs.ts";
import { get, post } from "../route.ts";
import { EVERYBODY, MAKERS, ONCE, ONE } from "./shared.ts";

const proof = { tag: "proofs" } as const;
const history = { ...proof, ...ONE, query: proofs.ListProofs, answers: { 200: proofs.ProofList }, text: true } as const;

export const proofRoutes = {
  addProof: post("/api/tasks/:id/proofs", {
    ...proof,
    ...EVERYBODY,
    ...ONCE,
    summary: "Leave a file as proof of work: as the body, or as the field `file` of a form; agents under their lease",
    params: IdParams,
    query: proofs.AddProof,
    form: proofs.AddProof,
    answers: { 200: proofs.ProofAnswer, 201: proofs.ProofAnswer },
    refusals: ["not_found", "lease_lost", "checksum_mismatch", "too_many"],
    upload: true,
  }),
  taskProofs: get("/api/tasks/:id/proof-history", {
    ...history,
    ...EVERYBODY,
    summary: "The proofs of a task, newest first, also as a few lines for agents",
  }),
  projectProofs: get("/api/projects/:id/proof-history", {
    ...history,
    ...MAKERS,
    summary: "The proofs of all tasks of a project, newest first, also as a few lines for agents",
  }),
  getProof: get("/api/tasks/:id/proofs/:proof_id/download", {
    ...proof,
    ...EVERYBODY,
    summary: "The bytes of a proof, hashed again as they are sent: a damaged one never arrives as a whole",
    params: proofs.ProofParams,
    answers: { 200: null },
    refusals: ["not_found"],
    download: true,
  }),
};
