/** The life of a member under its supervisor: real processes that are killed, frozen and asked to go. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { keepMember } from "./supervisor.ts";

/** Says that it is ready and writes a dot every few milliseconds. */
const TICKS = `import { appendFileSync } from "node:fs";
setInterval(() => appendFileSync(process.env.TICKS, "."), 5);
process.send({ type: "ready" });`;

const MORTAL = `process.send({ type: "ready" }); setTimeout(() => { console.error("my last words"); process.exit(7); }, 50);`;

/** Does nothing but start somebody who does. */
const PARENT = `import { spawn } from "node:child_process";
spawn(process.execPath, ["-e", "setInterval(() => require('fs').appendFileSync(process.env.TICKS, '.'), 5)"]);
process.send({ type: "ready" });`;

/** Goes when it is asked to, with this code. */
const going = (code: number) =>
  `process.on("SIGTERM", () => { console.error("I cannot end well"); process.exit(${code}); });
process.send({ type: "ready" }); setInterval(() => {}, 1000);`;

const DEAF = `process.on("SIGTERM", () => {}); process.send({ type: "ready" }); setInterval(() => {}, 1000);`;

async function memberOf(source: string) {
  const folder = await mkdtemp(join(tmpdir(), "baton-member-"));
  const path = join(folder, "program.mjs");
  const ticks = join(folder, "ticks");
  await writeFile(path, source);
  await writeFile(ticks, "");
  const accidents: string[] = [];
  const program = { path, environment: { TICKS: ticks }, log: join(folder, "log") };
  const kept = keepMember("member-1", "agents", program, (what) => void accidents.push(what));
  onTestFinished(async () => {
    await kept.stop();
    await rm(folder, { recursive: true });
  });
  await kept.ready;
  return { ...kept, accidents, ticks: async () => (await readFile(ticks, "utf8")).length };
}

test("a killed member is back, as another process, and its death is no accident", async () => {
  const { member, accidents, ticks } = await memberOf(TICKS);
  const before = member.pid;
  expect(await member.kill()).toBeLessThan(20_000);
  expect([member.lives, accidents]).toEqual([2, []]);
  expect(member.pid).not.toBe(before);
  const so_far = await ticks();
  await expect.poll(ticks).toBeGreaterThan(so_far);
});

test("a frozen member stands still and goes on as the same process", async () => {
  const { member, ticks } = await memberOf(TICKS);
  await expect.poll(ticks).toBeGreaterThan(0);
  const before = member.pid;
  member.freeze();
  await expect.poll(async () => /State:\s+T/.test(await readFile(`/proc/${before}/status`, "utf8"))).toBe(true);
  const so_far = await ticks();
  const { ticks: others } = await memberOf(TICKS);
  await expect.poll(others).toBeGreaterThan(10);
  expect(await ticks()).toBe(so_far);
  member.thaw();
  await expect.poll(ticks).toBeGreaterThan(so_far);
  expect([member.pid, member.lives]).toEqual([before, 1]);
});

test("a frozen member can be killed", async () => {
  const { member } = await memberOf(TICKS);
  member.freeze();
  await member.kill();
  expect(member.lives).toBe(2);
});

test("a member that dies by itself lives again, and the accident is told with its last words", async () => {
  const { member, accidents } = await memberOf(MORTAL);
  await expect.poll(() => member.lives).toBeGreaterThan(2);
  expect(accidents[0]).toBe("member-1 ended with exit code 7: my last words");
});

test("a member that is asked to go tells how long it took, and is started again", async () => {
  const { member, accidents } = await memberOf(going(0));
  expect(await member.restart()).toBeGreaterThan(0);
  await expect.poll(() => member.lives).toBe(2);
  await expect.poll(() => member.pid).toBeDefined();
  expect(accidents).toEqual([]);
});

test("a member that is stopped stays dead, also a frozen one, and nobody waits for it any longer", async () => {
  const { member, stop } = await memberOf(TICKS);
  member.freeze();
  // Kindly: it is not waited for until it must be killed.
  await stop(300_000);
  expect([member.pid, member.lives]).toEqual([undefined, 1]);
  expect(await member.kill()).toBe(Number.POSITIVE_INFINITY);
});

test("a member that does not hear is cut short when its cluster stops", async () => {
  const { member, stop } = await memberOf(DEAF);
  await stop(100);
  expect(member.pid).toBeUndefined();
});

test("a member that is asked to go and does not end well is an accident, also when it does not hear at all", async () => {
  const badly = await memberOf(going(3));
  await badly.member.restart();
  expect(badly.accidents).toEqual(["member-1 ended with exit code 3: I cannot end well"]);
  const unheard = await memberOf(TICKS);
  await unheard.member.restart();
  expect(unheard.accidents).toEqual(["member-1 ended with SIGTERM: "]);
});

test("a member that is killed while it is asked to go is no accident", async () => {
  const { member, accidents, cutShort } = await memberOf(DEAF);
  const asked = member.restart();
  await member.kill();
  await asked;
  expect(accidents).toEqual([]);
  await cutShort();
});

test("a member that is cut short is gone at once, frozen or not, with all that it has started", async () => {
  const { member, cutShort, ticks, accidents } = await memberOf(PARENT);
  await expect.poll(ticks).toBeGreaterThan(0);
  member.freeze();
  await cutShort();
  const so_far = await ticks();
  const { ticks: others } = await memberOf(TICKS);
  await expect.poll(others).toBeGreaterThan(10);
  expect([await ticks(), member.pid, member.lives, accidents]).toEqual([so_far, undefined, 1, []]);
});
