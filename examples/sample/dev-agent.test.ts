/** Runs the scripted dev agent for real, the way the line does: `sh -c` in the repository, packet as a file. */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PacketDraft } from "@baton/domain";
import { test as plain } from "vitest";
import { prepareSample } from "./prepare.ts";
import { sampleProject } from "./sample.ts";

const SENT_BACK = { findings: [{ title: "letters with accents lose the accent, not the letter", status: "open" }] };

class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), "baton-sample-"));
  readonly repository = join(this.folder, "repository");
  readonly out = join(this.folder, "out");

  /** One visit with the newest packet; gives the exit code and what was printed. */
  work(packet: unknown, visit = 1): Promise<{ code: unknown; said: string }> {
    mkdirSync(this.out, { recursive: true });
    writeFileSync(join(this.folder, "packet.json"), JSON.stringify(packet));
    return this.sh(sampleProject(this.repository, process.execPath).settings.commands.dev.run, {
      BATON_TASK_ID: "task-1",
      BATON_STAGE: "dev",
      BATON_VISIT: String(visit),
      BATON_PACKET: join(this.folder, "packet.json"),
      BATON_OUT: this.out,
    });
  }

  async testsPass(): Promise<boolean> {
    return (await this.sh(`'${process.execPath}' --test`, {})).code === 0;
  }

  sh(command: string, env: Record<string, string>): Promise<{ code: unknown; said: string }> {
    return new Promise((resolve) => {
      execFile("/bin/sh", ["-c", command], { cwd: this.repository, env }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : error.code, said: stdout + stderr }),
      );
    });
  }

  get handoff() {
    return JSON.parse(readFileSync(join(this.out, "handoff.json"), "utf8"));
  }
}

const test = plain.extend("desk", async ({}, { onCleanup }) => {
  const desk = new Desk();
  onCleanup(() => rmSync(desk.folder, { recursive: true, force: true }));
  await prepareSample(desk.repository);
  return desk;
});

test.concurrent("the template's own tests show the bug before anybody works on it", async ({ desk, expect }) => {
  expect(await desk.testsPass()).toBe(false);
});

test.concurrent("without findings the agent changes the source and the tests still fail", async ({ desk, expect }) => {
  expect(await desk.work(null)).toMatchObject({ code: 0, said: expect.stringContaining("no findings") });
  expect(execFileSync("git", ["-C", desk.repository, "status", "--short"], { encoding: "utf8" })).toBe(
    " M src/slug.js\n",
  );
  expect(await desk.testsPass()).toBe(false);
});

test.concurrent("sent back with findings, it says which and the tests pass", async ({ desk, expect }) => {
  await desk.work(null);
  expect((await desk.work(SENT_BACK, 2)).said).toContain("sent back for: letters with accents");
  expect(await desk.testsPass()).toBe(true);
});

test.concurrent("the findings decide, not the number of the visit", async ({ desk, expect }) => {
  await desk.work({ findings: [] }, 2);
  expect(await desk.testsPass()).toBe(false);
  await desk.work({ findings: [{ title: "an old one", status: "fixed" }] }, 3);
  expect(await desk.testsPass()).toBe(false);
  await desk.work(SENT_BACK, 1);
  expect(await desk.testsPass()).toBe(true);
});

test.concurrent("a repeated attempt changes nothing and does not undo the right fix", async ({ desk, expect }) => {
  await desk.work(SENT_BACK, 2);
  await desk.work(SENT_BACK, 2);
  expect(desk.handoff.output_artifacts).toEqual([]);
  await desk.work(null, 3);
  expect(await desk.testsPass()).toBe(true);
});

test.concurrent("the handoff is one the line takes, and says that no model worked", async ({ desk, expect }) => {
  await desk.work(null);
  const { result, usage, ...packet } = desk.handoff;
  expect(PacketDraft.parse(packet).output_summary).toContain("agent: scripted, no model");
  expect(result).toBe("pass");
  expect(usage).toEqual({ tokens_in: 0, tokens_out: 0, cost_usd: 0, model: "scripted" });
});

test.concurrent("started outside the line it names all that is missing and exits with 78", async ({ desk, expect }) => {
  const command = sampleProject(desk.repository, process.execPath).settings.commands.dev.run;
  const { code, said } = await desk.sh(command, { BATON_STAGE: "dev" });
  expect(code).toBe(78);
  expect(said).toContain("BATON_TASK_ID, BATON_VISIT, BATON_PACKET, BATON_OUT");
});
