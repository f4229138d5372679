/** Calls on artifacts: an attempt's files go in under its lease, and come out as they went in. */
import * as artifacts from "../artifacts.ts";
import { get, put } from "../route.ts";
import { EVERYBODY, ONE, WORKERS } from "./shared.ts";

const artifact = { tag: "artifacts" } as const;

export const artifactRoutes = {
  putArtifact: put("/api/leases/:id/artifacts/:name", {
    ...artifact,
    ...WORKERS,
    summary: "Leave a file under a lease; a newer one of the same name counts in its place",
    params: artifacts.ArtifactParams,
    query: artifacts.PutArtifact,
    answers: { 200: artifacts.ArtifactAnswer, 201: artifacts.ArtifactAnswer },
    refusals: ["not_found", "lease_lost", "checksum_mismatch", "too_many"],
    upload: true,
  }),
  manifest: get("/api/tasks/:id/manifest", {
    ...artifact,
    ...EVERYBODY,
    ...ONE,
    summary: "The artifacts of a task, and where each of them went",
    answers: { 200: artifacts.ManifestView },
  }),
  getArtifact: get("/api/artifacts/:id", {
    ...artifact,
    ...EVERYBODY,
    ...ONE,
    summary: "The bytes of an artifact, hashed again as they are sent: a damaged one never arrives as a whole",
    answers: { 200: null },
    download: true,
  }),
};
