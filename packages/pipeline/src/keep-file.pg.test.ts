/** Files of hosted agents: put under the lease of the attempt, and put again when something was away for a moment. */
import { Readable } from "node:stream";
import { StoreFailed } from "@baton/store";
import { expect, test } from "vitest";
import { manifest } from "./artifacts.ts";
import { keepHostedFile } from "./keep-file.ts";
import { testLine, testProject } from "./testing/index.ts";
import { assigned, countOf, letLeasesExpire, submitted, valueOf } from "./testing/verbs.ts";

const REPOSITORY = { repository_url: "file:///nowhere" };

async function hosted() {
  const open = await testLine();
  const project_id = await testProject(open, {
    ...REPOSITORY,
    settings: { commands: { dev: { run: "x", timeout_s: 1 } } },
  });
  const { id } = await submitted(open, undefined, { project_id });
  const assignment = await assigned(open, id);
  const never = new AbortController().signal;
  return { open, id, assignment, limits: { limit_bytes: 100, signal: never } };
}

const file = (name: string, content: string) => ({ name, open: async () => Readable.from([Buffer.from(content)]) });

test("a file that a hosted agent left is an artifact of its attempt, with the type that its name says", async () => {
  const { open, id, assignment, limits } = await hosted();
  const { artifact } = valueOf(await keepHostedFile(open.line, assignment, file("a.json", "{}"), limits));
  expect(artifact).toMatchObject({ lease_id: assignment.held.lease.lease_id, media_type: "application/json" });
  expect(valueOf(await manifest(open.line, open.admin, { id })).artifacts.map(({ name }) => name)).toEqual(["a.json"]);
});

test("a store that is away for a moment costs nothing, one that stays away is an error", async () => {
  const { open, assignment, limits } = await hosted();
  let away = 2;
  const keep: typeof open.store.keep = async (received) => {
    if (away-- > 0) throw new StoreFailed("away");
    await open.store.keep(received);
  };
  const line = { ...open.line, store: { ...open.store, keep } };
  valueOf(await keepHostedFile(line, assignment, file("a", "1"), limits));
  away = Number.POSITIVE_INFINITY;
  const stopped = { ...limits, signal: AbortSignal.abort() };
  await expect(keepHostedFile(line, assignment, file("b", "1"), stopped)).rejects.toThrow(StoreFailed);
  await expect(keepHostedFile(line, assignment, file("b", "1"), limits)).rejects.toThrow(StoreFailed);
  expect(await countOf(open, "artifacts")).toBe(1);
});

test("a file that is too large, or comes after the lease, is refused", async () => {
  const { open, assignment, limits } = await hosted();
  const large = await keepHostedFile(open.line, assignment, file("a", "x".repeat(101)), limits);
  expect(large).toMatchObject({ ok: false, problem: { code: "too_large" } });
  await letLeasesExpire(open);
  const late = await keepHostedFile(open.line, assignment, file("a", "x"), limits);
  expect(late).toMatchObject({ ok: false, problem: { code: "lease_lost" } });
});
