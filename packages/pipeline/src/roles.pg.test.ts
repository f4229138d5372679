/** Roles in versions: seeded once, said anew without losing any, checked when saved, noted with every attempt that was told something, and compared. */
import { attemptsOf, newId, seedRoles } from "@baton/db";
import { AGENT_ROLES, type AgentRole, RoleDefinition, SHIPPED_ROLES } from "@baton/domain";
import type { RoleVersionView } from "@baton/domain/api";
import { expect, test } from "vitest";
import { claim, getRole, listRoles, putRole, releaseLease, roleVersions, updateProject } from "./index.ts";
import { sha256 } from "./prompts.ts";
import { taskContext } from "./task-context.ts";
import { type TestLine, testLine, testProject } from "./testing/index.ts";
import {
  asking,
  complete,
  countOf,
  handOver,
  impatient,
  leased,
  newTask,
  sql,
  submitted,
  valueOf,
} from "./testing/verbs.ts";

const DEV = SHIPPED_ROLES.dev.template;

const say = (open: TestLine, role: AgentRole, given: Partial<RoleDefinition> = {}) =>
  putRole(open.line, open.admin, {
    role,
    ...RoleDefinition.parse({ template: SHIPPED_ROLES[role].template, ...given }),
  });

const versionsOf = async (open: TestLine, role: AgentRole): Promise<RoleVersionView[]> =>
  valueOf(await roleVersions(open.line, open.admin, { role })).items;

test("the shipped roles are there when first asked for, once, however many ask at the same moment", async () => {
  const open = await testLine();
  const asked = await Promise.all([1, 2, 3, 4].map(() => listRoles(open.line, open.admin)));
  for (const answer of asked) {
    expect(valueOf(answer).items.map(({ role, version }) => [role, version])).toEqual(
      AGENT_ROLES.map((role) => [role, 1]),
    );
  }
  await seedRoles(open.db, open.admin.workspace_id);
  expect(await countOf(open, "role_configs")).toBe(AGENT_ROLES.length);
});

test("a change is a new version; the old one can still be looked at", async () => {
  const open = await testLine();
  const { role } = valueOf(await say(open, "dev", { template: `Be brief.\n${DEV}`, model: "small" }));
  expect(role).toMatchObject({ role: "dev", version: 2, created_by: open.admin.name, definition: { model: "small" } });
  const look = async (version?: number) => getRole(open.line, open.admin, { role: "dev", version });
  expect(valueOf(await look()).role.version).toBe(2);
  expect(valueOf(await look(1)).role.definition).toEqual(SHIPPED_ROLES.dev);
  expect(await look(3)).toMatchObject({ problem: { code: "not_found" } });
});

test("those who change a role at the same moment get a version each", async () => {
  const open = await testLine();
  const made = await Promise.all(Array.from({ length: 8 }, (_, n) => say(open, "qa", { model: `m${n}` })));
  expect(made.map((one) => valueOf(one).role.version).toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
});

test("a template that nobody could fill is refused with every fault, and nothing is written", async () => {
  const open = await testLine();
  const template = DEV.replace("{{findings}}", "{{finding}}").replace("{{packet}}", "");
  const refused = await say(open, "dev", { template });
  expect(refused).toMatchObject({ ok: false, problem: { code: "invalid_request" } });
  const details = refused.ok ? [] : refused.problem.errors?.map(({ pointer, detail }) => `${pointer} ${detail}`);
  expect(details).toEqual([
    expect.stringContaining("/template {{finding}} is not a variable"),
    "/template {{packet}} is missing",
    "/template {{findings}} is missing",
  ]);
  expect(await countOf(open, "role_configs")).toBe(0);
});

test("an attempt notes the role, the version and the prompt; a changed template holds from the next claim on", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const first = await leased(open, "dev");
  expect(first.context.role).toEqual({ role: "dev", version: 1, model: null, limits: {} });
  await say(open, "dev", { template: `Be brief.\n${DEV}`, model: "small", limits: { max_tokens: 9 } });
  const again = valueOf(await taskContext(open.line, open.admin, { id: first.lease.id }));
  expect(again.prompt).toBe(first.prompt);
  expect(again.context.role.version).toBe(1);
  valueOf(await releaseLease(open.line, open.admin, first.ref));
  const second = await leased(open, "dev");
  expect(second.prompt).toContain("Be brief.");
  expect(second.context.role).toEqual({ role: "dev", version: 2, model: "small", limits: { max_tokens: 9 } });
  const attempts = await attemptsOf(open.db, id);
  const noted = attempts.map(({ role, role_version, prompt_sha256 }) => [role, role_version, prompt_sha256]);
  expect(noted).toEqual([
    ["dev", 2, sha256(second.prompt)],
    ["dev", 1, sha256(first.prompt)],
  ]);
});

test("a repeated claim_id gets the same prompt, and its hash stays", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const input = asking("dev", newId());
  const ask = async () => valueOf(await claim(open.line, open.admin, input, impatient()));
  const [one, two] = [await ask(), await ask()];
  if (one.kind !== "leased" || two.kind !== "leased") throw new Error("nothing was leased");
  expect([one.fresh, two.fresh]).toEqual([true, false]);
  expect(two.value.prompt).toBe(one.value.prompt);
  expect((await attemptsOf(open.db, id)).map((attempt) => attempt.prompt_sha256)).toEqual([sha256(one.value.prompt)]);
});

test("sec is worked by the role security, and the rules of the project are told", async () => {
  const open = await testLine();
  const project_id = await testProject(open, { settings: { rules: "No new packages." } });
  await submitted(open, [newTask({ title: "{{project.rules}}" })], { project_id });
  await handOver(open, "dev");
  await handOver(open, "qa");
  const { context, prompt } = await leased(open, "sec");
  expect(context.role.role).toBe("security");
  expect(prompt).toContain("No new packages.");
  expect(prompt.match(/No new packages\./g)).toHaveLength(1);
});

test("versions are compared by what came of their attempts", async () => {
  const open = await testLine();
  await submitted(open);
  await handOver(open, "dev");
  await handOver(open, "qa", "reject");
  await say(open, "dev", { template: `Take care.\n${DEV}` });
  await handOver(open, "dev");
  const { ref } = await leased(open, "qa");
  await sql(open, "update attempts set tokens_in = 10, tokens_out = 5, cost_usd = 0.25 where stage = 'dev'");
  await sql(open, "update attempts set started_at = ended_at - interval '2 s' where stage = 'dev'");
  const measured = { median_ms: 2_000, total_ms: 2_000, tokens_in: 10, tokens_out: 5, cost_usd: "0.250000" };
  const dev = { attempts: 1, passed: 1, rejected: 0, failed: 0, pass_rate: 1, ...measured };
  expect(await versionsOf(open, "dev")).toMatchObject([
    { version: 2, created_by: open.admin.name, ...dev, loop_backs: 0 },
    { version: 1, created_by: "baton", ...dev, loop_backs: 1 },
  ]);
  expect(await versionsOf(open, "qa")).toMatchObject([{ attempts: 1, rejected: 1, pass_rate: 0, loop_backs: 1 }]);
  valueOf(await complete(open, ref));
  expect(await versionsOf(open, "qa")).toMatchObject([{ attempts: 2, passed: 1, pass_rate: 0.5, loop_backs: 1 }]);
  expect(await versionsOf(open, "cicd")).toMatchObject([{ attempts: 0, pass_rate: null, median_ms: null }]);
});

test("a role's command makes its stage hosted in every project with a repository, and stops doing so when it goes", async () => {
  const open = await testLine();
  const there = await testProject(open, { repository_url: "/repository" });
  const without = await testProject(open);
  const hosted = async (id: string) =>
    (await sql<{ hosted: string[] }>(open, "select hosted from projects where id = $1", id))[0]?.hosted;
  valueOf(await say(open, "dev", { executor: "command", command: "claude -p" }));
  expect([await hosted(there), await hosted(without)]).toEqual([["dev", "sec", "docs"], []]);
  const changed = valueOf(await updateProject(open.line, open.admin, { id: without, repository_url: "/other" }));
  expect(changed.project.hosted_stages).toEqual(["dev", "sec", "docs"]);
  valueOf(await say(open, "dev", { executor: "none", command: "claude -p" }));
  expect([await hosted(there), await hosted(without)]).toEqual([
    ["sec", "docs"],
    ["sec", "docs"],
  ]);
});
