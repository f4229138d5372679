/** What holds for every call of the route table. */
import { expect, test } from "vitest";
import { z } from "zod";
import { ROUTES, type Route } from "./index.ts";

const all = Object.entries<Route>(ROUTES);

function namesOf(schema: z.ZodType | undefined): string[] {
  if (schema === undefined) return [];
  return Object.keys(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }).properties ?? {});
}

test("no two calls share a place", () => {
  const places = all.map(([, route]) => `${route.method} ${route.path}`);
  expect(new Set(places).size).toBe(places.length);
});

test("every id in a path is checked, and nothing else is expected there", () => {
  for (const [name, { path, params }] of all) {
    const wanted = [...path.matchAll(/:(\w+)/g)].map(([, id]) => id);
    expect(namesOf(params), name).toEqual(wanted);
  }
});

test("path, query and body of a call have no name in common", () => {
  for (const [name, { params, query, body }] of all) {
    const names = [params, query, body].flatMap(namesOf);
    expect(new Set(names).size, name).toBe(names.length);
  }
});

test("every change can be repeated safely: under a key, under its claim_id, or because the same file is the same artifact", () => {
  const changes = all.filter(([, route]) => route.method !== "get" && !route.once).map(([name]) => name);
  expect(changes).toEqual(["planRun", "claim", "acceptHandoff", "putArtifact", "login", "logout"]);
  expect(all.filter(([, route]) => route.method === "get" && route.once)).toEqual([]);
});

test("a change takes a body, though perhaps an empty one; a look takes none", () => {
  for (const [name, { method, body, upload }] of all) {
    const takes = ["post", "put", "patch"].includes(method) && !upload;
    expect(body !== undefined, name).toBe(takes);
  }
});

test("unknown fields are refused everywhere", () => {
  for (const [name, { params, query, body }] of all) {
    for (const schema of [params, query, body]) {
      const issues = schema?.safeParse({ surprise: 1 }).error?.issues ?? [];
      expect(schema === undefined || issues.some((issue) => issue.code === "unrecognized_keys"), name).toBe(true);
    }
  }
});

test("acceptance criteria are frozen with the task: they come in with it, and no other call takes them", () => {
  const takes = (schema: z.ZodType | undefined) =>
    schema !== undefined &&
    JSON.stringify(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" })).includes("acceptance_criteria");
  const calls = all.filter(([, { method, body, query }]) => method !== "get" && (takes(body) || takes(query)));
  const making = calls.map(([name]) => name).filter((name) => name !== "completePlan");
  expect(making).toEqual(["createRun", "addTasks"]);
});

test("agents reach leases and what they hold, and nothing that changes the work of others", () => {
  const open = all.filter(([, { roles }]) => roles !== "anyone" && roles.includes("agent")).map(([name]) => name);
  const leases = ["claim", "heartbeat", "checkpoint", "addFindings", "taskContext"];
  const ends = ["complete", "fail", "block", "release"];
  const handoffs = ["listHandoffs", "listPackets", "getHandoff", "acceptHandoff", "completeHandoff", "failHandoff"];
  const artifacts = ["putArtifact", "manifest", "getArtifact"];
  const proofs = ["addProof", "taskProofs", "getProof"];
  const plans = ["planRun", "beatPlan", "completePlan", "failPlan"];
  expect(open.toSorted()).toEqual(
    [
      ...leases,
      ...ends,
      ...handoffs,
      ...artifacts,
      ...proofs,
      ...plans,
      "getTask",
      "timeline",
      "explain",
      "listMessages",
    ].toSorted(),
  );
});

test("only admins handle tokens, approve, set and pause stages and say what roles are told", () => {
  const admins = all.filter(([, { roles }]) => roles !== "anyone" && roles.join() === "admin").map(([name]) => name);
  const tokens = ["listTokens", "createToken", "revokeToken"];
  expect(admins.toSorted()).toEqual(
    [...tokens, "approveRun", "setStage", "pauseStage", "resumeStage", "putRole"].toSorted(),
  );
});
