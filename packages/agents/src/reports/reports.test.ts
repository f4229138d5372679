/** The readers of reports against good files, bad files and hostile files. */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFolder } from "../testing.ts";
import { parseBugs } from "./bugs.ts";
import { parseHandoff } from "./handoff.ts";
import { readReport } from "./read-report.ts";
import { parseSecurityReport } from "./security-report.ts";

test("a handoff needs nothing but a summary", () => {
  expect(parseHandoff('\uFEFF{"output_summary":"ok"}')).toMatchObject({
    ok: true,
    value: { output_summary: "ok", output_artifacts: [], output_decisions: [], findings: [], usage: {} },
  });
});

test("a full handoff is taken as it is", () => {
  const handoff = {
    result: "reject",
    output_summary: "no",
    output_artifacts: [{ type: "test", path: "a.test.ts", action: "created", description: "d" }],
    output_decisions: [{ decision: "d", rationale: "r", alternatives_considered: ["a"] }],
    output_metrics: { score: 1 },
    activity_log: [{ timestamp: "2026-01-01T00:00:00Z", event: "began", detail: { at: 1 } }],
    findings: [{ title: "t", severity: "low" }],
    usage: { tokens_in: 1, tokens_out: 2, cost_usd: "0.5", model: "m" },
  };
  expect(parseHandoff(JSON.stringify(handoff))).toMatchObject({
    ok: true,
    value: { ...handoff, usage: { cost_usd: "0.500000" } },
  });
});

test.each([
  ["", /is not JSON/],
  ["{", /is not JSON/],
  ["null", /^\/: /],
  ["[]", /^\/: /],
  ["{}", /^\/output_summary: /],
  ['{"output_summary":""}', /^\/output_summary: /],
  ['{"output_summary":"a\\u0000b"}', /^\/output_summary: .*NUL/],
  ['{"output_summary":"\\ud800"}', /^\/output_summary: .*Unicode/],
  ['{"output_summary":"x","result":"maybe"}', /^\/result: /],
  ['{"output_summary":"x","usage":{"tokens_in":-1}}', /^\/usage\/tokens_in: /],
  [
    '{"output_summary":"x","output_artifacts":[{"type":"file","path":"a","action":"eaten"}]}',
    /^\/output_artifacts\/0\/action: /,
  ],
  ['{"output_summary":"x","more":1}', /more/],
  ['{"output_summary":"x","__proto__":{"a":1}}', /__proto__/],
  ['{"output_summary":"x","output_metrics":{"a":{"__proto__":{"b":1}}}}', /__proto__/],
  [`{"output_summary":"x","output_metrics":${'{"a":'.repeat(30)}1${"}".repeat(30)}}`, /output_metrics/],
  ["[".repeat(200_000), /not JSON|nested too deeply/],
  [`${"[".repeat(200_000)}${"]".repeat(200_000)}`, /nested too deeply|^\/: /],
])("the ill-formed handoff %.60s is refused with its place", (text, why) => {
  const parsed = parseHandoff(text);
  expect(parsed).toMatchObject({ ok: false });
  expect(parsed.ok ? "" : parsed.why).toMatch(why);
  expect(({} as Record<string, unknown>).a).toBeUndefined();
});

test.each([
  '[{"title":"crash","severity":"low","line":3,"file":"a.ts"}]',
  '{"bugs":[{"title":"crash","severity":"low","line":3,"file":"a.ts"}],"by":"me"}',
])("%s gives one bug", (text) => {
  expect(parseBugs(text)).toMatchObject({
    ok: true,
    value: [{ kind: "bug", title: "crash", severity: "low", status: "open", file: "a.ts", line: 3 }],
  });
});

test.each([
  ['{"bugs":5}', /^\/bugs: /],
  ['{"vulnerabilities":[]}', /list under bugs|^\/bugs: /],
  ['[{"severity":"low"}]', /^\/0\/title: /],
  ['{"bugs":[{"title":"a"},{"title":"b","line":"x"}]}', /^\/bugs\/1\/line: /],
  ['"bugs"', /must be a list/],
])("%s is not a list of bugs", (text, why) => {
  const parsed = parseBugs(text);
  expect(parsed.ok ? "" : parsed.why).toMatch(why);
});

test("a vulnerability must say how severe it is", () => {
  const good = '{"vulnerabilities":[{"issue":"open door","severity":"critical","recommendation":"close it"}]}';
  expect(parseSecurityReport(good)).toMatchObject({
    ok: true,
    value: [{ kind: "vulnerability", title: "open door", severity: "critical", priority: 10 }],
  });
  expect(parseSecurityReport('[{"issue":"open door"}]')).toMatchObject({
    ok: false,
    why: expect.stringMatching(/^\/0\/severity: /),
  });
});

test("a report that is not there is no report", async () => {
  expect(await readReport(join(openFolder(), "handoff.json"), 100)).toEqual({ ok: true, value: null });
});

test("links, folders, pipes, long files and other encodings are not read", async () => {
  const folder = openFolder();
  const at = (name: string) => join(folder, name);
  symlinkSync("/etc/passwd", at("link"));
  mkdirSync(at("folder"));
  execFileSync("mkfifo", [at("pipe")]);
  writeFileSync(at("long"), "x".repeat(5_000_000));
  writeFileSync(at("latin1"), Buffer.from([0x22, 0xe4, 0x22]));
  expect(await readReport(at("link"), 1_000_000)).toMatchObject({
    ok: false,
    why: expect.stringContaining("symbolic link"),
  });
  expect(await readReport(at("folder"), 1_000_000)).toMatchObject({
    ok: false,
    why: expect.stringContaining("plain file"),
  });
  expect(await readReport(at("pipe"), 1_000_000)).toMatchObject({
    ok: false,
    why: expect.stringContaining("plain file"),
  });
  expect(await readReport(at("long"), 1_000_000)).toMatchObject({
    ok: false,
    why: expect.stringContaining("5000000 bytes"),
  });
  expect(await readReport(at("latin1"), 1_000_000)).toMatchObject({ ok: false, why: expect.stringContaining("UTF-8") });
});
