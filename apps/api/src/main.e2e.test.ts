/** The program: how it starts, what it tells whoever started it, and how it ends. */
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { caller } from "./testing/caller.ts";
import { settings, start } from "./testing/program.ts";

test("the first start makes an admin token, tells it once and keeps it where only its owner can read it", async () => {
  const env = await settings();
  const first = start(env);
  const { url, admin_token = "", admin_token_file = "" } = await first.ready;
  expect(admin_token_file).toBe(`${env.BATON_DATA_DIR}/admin-token`);
  expect((await stat(admin_token_file)).mode & 0o777).toBe(0o600);
  expect(await readFile(admin_token_file, "utf8")).toBe(`${admin_token}\n`);
  expect((await caller(url, admin_token).ok("listProjects")).items).toEqual([]);
  expect(first.said()).not.toContain(admin_token);
  first.child.kill("SIGTERM");
  expect(await first.ended).toBe(0);
  const second = await start(env).ready;
  expect(second).toMatchObject({ admin_token_file });
  expect(second.admin_token).toBeUndefined();
  expect((await caller(second.url, admin_token).call("listProjects")).status).toBe(200);
});

test("without a data folder to keep it in no admin token is made: the folder is named, and the next start tells one", async () => {
  const env = await settings();
  await writeFile(env.BATON_DATA_DIR ?? "", "a file, not a folder");
  for (const BATON_DATA_DIR of [`${env.BATON_DATA_DIR}`, `${env.BATON_DATA_DIR}/below`]) {
    const program = start({ ...env, BATON_DATA_DIR });
    await expect(program.ready).rejects.toThrow("ended with 78");
    expect(program.said().trim()).toMatch(new RegExp(`^The data folder ${BATON_DATA_DIR} cannot be written[^\n]*$`));
  }
  await rm(env.BATON_DATA_DIR ?? "");
  const { url, admin_token = "" } = await start(env).ready;
  expect((await caller(url, admin_token).call("listTokens")).status).toBe(200);
});

test("an admin token from outside is the one that counts, and no file is made", async () => {
  const env = { ...(await settings()), BATON_ADMIN_TOKEN: "a-token-from-the-outside" };
  const { url, admin_token, admin_token_file } = await start(env).ready;
  expect([admin_token, admin_token_file]).toEqual([undefined, undefined]);
  expect((await caller(url, env.BATON_ADMIN_TOKEN).call("listTokens")).status).toBe(200);
});

test("an admin token from outside that was revoked ends the program with 78 and a line that says so; another one is taken", async () => {
  const env = { ...(await settings()), BATON_ADMIN_TOKEN: "a-token-from-the-outside" };
  const first = start(env);
  const admin = caller((await first.ready).url, env.BATON_ADMIN_TOKEN);
  const { items } = await admin.ok("listTokens");
  await admin.ok("revokeToken", { params: { id: items[0]?.id ?? "" } });
  first.child.kill("SIGTERM");
  expect(await first.ended).toBe(0);
  const again = start(env);
  await expect(again.ready).rejects.toThrow("ended with 78");
  expect(again.said().trim()).toMatch(/^The token in BATON_ADMIN_TOKEN was revoked\.[^\n]*$/);
  const other = "another-token-from-the-outside";
  const { url } = await start({ ...env, BATON_ADMIN_TOKEN: other }).ready;
  expect((await caller(url, other).call("listTokens")).status).toBe(200);
});

test("bad settings are told all at once and end the program with 78", async () => {
  const program = start({ PORT: "http", LOG_LEVEL: "loud" });
  expect(await program.ended).toBe(78);
  expect(
    program
      .said()
      .split("\n")
      .map((line) => line.split(":")[0]),
  ).toEqual(expect.arrayContaining(["PORT", "LOG_LEVEL", "DATABASE_URL"]));
});

test("a port in use ends the program with 75 and one line", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void taken.close());
  await expect.poll(() => taken.listening).toBe(true);
  const PORT = String((taken.address() as { port: number }).port);
  const program = start({ ...(await settings()), PORT });
  expect(await program.ended).toBe(75);
  expect(program.said().trim()).toMatch(new RegExp(`^Port ${PORT} .* cannot be used[^\n]*$`));
});

test("a database that is not there ends the program with a line that says so", async () => {
  const program = start({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" });
  expect(await program.ended).toBe(1);
  expect(program.said()).not.toContain("    at ");
});

test.each(["SIGTERM", "SIGINT", "disconnect"] as const)(
  "on %s it answers who waits and ends within ten seconds",
  async (end) => {
    const program = start(await settings());
    const { url, admin_token = "" } = await program.ready;
    const body = { claim_id: "c", stages: ["dev" as const], agent: { id: "a" }, wait_s: 30 };
    const waiting = caller(url, admin_token).call("claim", { body });
    await expect.poll(async () => (await fetch(`${url}/metrics`)).text()).toContain("baton_polls_waiting 1");
    const asked = performance.now();
    if (end === "disconnect") program.child.disconnect();
    else program.child.kill(end);
    expect((await waiting).status).toBe(204);
    expect(await program.ended).toBe(0);
    expect(performance.now() - asked).toBeLessThan(10_000);
  },
);
