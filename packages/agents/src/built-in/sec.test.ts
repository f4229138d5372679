/** The built-in sec stage on real repositories; the registry is a server of the test's own. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { computeVerdict } from "@baton/domain";
import { expect, onTestFinished, test } from "vitest";
import {
  commitAll,
  gitIn,
  makeAssignment,
  makePacket,
  makeRepository,
  makeSurroundings,
  openFolder,
  write,
} from "../testing.ts";
import { workAttempt } from "../work-attempt.ts";

const TOKEN = `ghp_${"a1B2c3D4e5F6".repeat(3)}`;

/** A repository where the task has committed `files` on top of main. */
async function sec(
  files: Record<string, string>,
  before: Record<string, string> = { "README.md": "# A\n" },
  more: { check?: string } = {},
) {
  const folder = openFolder();
  const repository = makeRepository(folder, before);
  gitIn(repository, "checkout", "--quiet", "--detach");
  const commit = commitAll((write(repository, files), repository), "The task");
  gitIn(repository, "checkout", "--quiet", "main");
  const settings = more.check === undefined ? {} : { check_commands: { sec: [more.check] } };
  const assignment = makeAssignment({ repository, stage: "sec", settings });
  const result = await workAttempt(
    { ...assignment, packet: makePacket("qa", { output_metrics: { commit } }) },
    makeSurroundings(folder),
  );
  if (result.outcome !== "done") throw new Error(JSON.stringify(result));
  expect(result.commit).toBe(commit);
  return result;
}

/** Knows one weakness of one package, `bad`, as npm's registry would tell it. */
const KNOWN: Record<string, unknown> = {
  bad: [{ id: 1, url: "https://advisories.example/1", title: "It leaks", severity: "high", vulnerable_versions: "<9" }],
};

async function registry(): Promise<string> {
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `registry=http://127.0.0.1:${(server.address() as AddressInfo).port}/\n`;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(request);
  const versions = { name: "bad", versions: { "1.0.0": { version: "1.0.0" } } };
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(request.method === "POST" ? answerTo(request, body) : versions));
}

function answerTo(request: IncomingMessage, body: Buffer): Record<string, unknown> {
  const asked = JSON.parse((request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString());
  return Object.fromEntries(Object.entries(KNOWN).filter(([name]) => name in asked));
}

function locked(...names: string[]): Record<string, string> {
  const dependencies = Object.fromEntries(names.map((name) => [name, "1.0.0"]));
  const entries = names.map((name) => [
    `node_modules/${name}`,
    { version: "1.0.0", resolved: `https://x.example/${name}.tgz` },
  ]);
  const packages = { "": { name: "p", version: "1.0.0", dependencies }, ...Object.fromEntries(entries) };
  return {
    "package.json": JSON.stringify({ name: "p", version: "1.0.0", dependencies }),
    "package-lock.json": JSON.stringify({ name: "p", version: "1.0.0", lockfileVersion: 3, requires: true, packages }),
  };
}

test("a secret that the task adds rejects, and is named with file and line but not repeated", async () => {
  const result = await sec({ "src/ein schlüssel.ts": `// keys\n\nexport const key = "${TOKEN}";\n`, "b.ts": "1\n" });
  expect(result.findings).toMatchObject([
    { kind: "vulnerability", severity: "critical", file: "src/ein schlüssel.ts", line: 3 },
  ]);
  expect(computeVerdict(result)).toMatchObject({ verdict: "reject" });
  expect(JSON.stringify(result)).not.toContain(TOKEN);
  expect(result.packet.output_metrics.secrets).toEqual({
    files_searched: 2,
    lines_searched: 4,
    found: 1,
    not_searched: [],
  });
});

test("a secret that was on the primary branch before is not the task's", async () => {
  const result = await sec({ "a.ts": `const key = "${TOKEN}";\nnew line\n` }, { "a.ts": `const key = "${TOKEN}";\n` });
  expect(result.findings).toEqual([]);
  expect(computeVerdict(result).verdict).toBe("pass");
});

test("calling a file binary does not hide it", async () => {
  const result = await sec({
    ".gitattributes": "*.env binary -diff\n",
    "prod.env": `KEY=${TOKEN}\n`,
    "z.bin": `\0${TOKEN}\n`,
  });
  expect(result.findings.map(({ file }) => file)).toEqual(["prod.env", "z.bin"]);
});

test("lines made to look like a patch do not confuse the search", async () => {
  const text = [
    "-- a/other.ts",
    "++ b/other.ts",
    "@@ -1 +1,9 @@",
    `+${TOKEN}`,
    "diff --git a/x b/x",
    "\\ No newline",
    "",
    "\r",
    TOKEN,
  ].join("\n");
  const result = await sec({ "tricky.txt": text, "plain.ts": `"${TOKEN}"\n` });
  expect(result.findings.map(({ file, line }) => `${file}:${line}`)).toEqual(["plain.ts:1", "tricky.txt:4"]);
});

test("what is too long to be searched is named, not passed over in silence", async () => {
  const result = await sec({ "data.csv": `${"1,2,3,4\n".repeat(700_000)}` });
  expect(result.packet.output_metrics.secrets).toMatchObject({ not_searched: ["data.csv"] });
  expect(result.packet.output_summary).toContain("Too long to be searched: data.csv");
});

test("without a lock file there is nothing to audit, and the packet says so", async () => {
  expect((await sec({ "a.ts": "1\n" })).packet.output_metrics.audit).toBe("skipped: there is no package-lock.json");
});

test("a weakness in a package that the task brings in rejects", async () => {
  const result = await sec(locked("good", "bad"), { ...locked("good"), ".npmrc": await registry() });
  expect(result.findings).toMatchObject([
    { kind: "vulnerability", severity: "high", title: "bad: It leaks", file: "package-lock.json" },
  ]);
  expect(result.packet.output_metrics.audit).toEqual({ known_before: 0, new: 1 });
});

test("a weakness that the primary branch has already is recorded and not held against the task", async () => {
  const result = await sec({ "a.ts": "1\n" }, { ...locked("bad"), ".npmrc": await registry() });
  expect(result.findings).toMatchObject([
    { severity: "medium", description: expect.stringContaining("severity high") },
  ]);
  expect(computeVerdict(result).verdict).toBe("pass");
  expect(result.packet.output_metrics.audit).toEqual({ known_before: 1, new: 0 });
});

test("a task that names a registry of its own is judged by that of the primary branch", async () => {
  const result = await sec(
    { ...locked("bad"), ".npmrc": "registry=http://127.0.0.1:9/\n" },
    { "a.ts": "", ".npmrc": await registry() },
  );
  expect(result.packet.output_metrics.audit).toEqual({ known_before: 0, new: 1 });
});

test("where no registry answers the audit is skipped, and the packet says why", async () => {
  const result = await sec(locked("bad"), { ".npmrc": "registry=http://127.0.0.1:9/\nfetch-retries=0\n", ...locked() });
  expect(result.findings).toEqual([]);
  expect(result.packet.output_metrics.audit).toMatch(/^skipped: .*ECONNREFUSED/);
  expect(result.packet.output_summary).toContain("npm audit skipped");
});

test("a check command of the stage that fails is evidence, with its output for dev", async () => {
  const result = await sec({ "a.ts": "1\n" }, undefined, { check: "echo insecure at a.ts; exit 2" });
  expect(result.checks).toMatchObject([{ name: "sec-1", exit_code: 2 }]);
  expect(result.findings).toMatchObject([
    { kind: "bug", title: "the check sec-1 fails", description: expect.stringContaining("insecure at a.ts") },
  ]);
});
