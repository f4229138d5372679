/** Settings: what holds when nothing is set, and who serves which stage. */
import { expect, test } from "vitest";
import { hostedStages, ProjectSettings } from "./settings.ts";

test("a project that sets nothing has the documented defaults", () => {
  expect(ProjectSettings.parse({})).toEqual({
    ...{ commands: {}, test_command: null, check_commands: { sec: [], docs: [] } },
    ...{ limits: { rejections: 3, attempts: 3, crashes: 3 }, approval: "none", findings: "packet" },
    ...{ separation: "strict", concurrency: {}, credential: null, quota_circuit: "on" },
    idle_minutes: { dev: 30, qa: 30, sec: 30, docs: 30 },
    max_lease_minutes: { dev: 480, qa: 480, sec: 480, docs: 480 },
  });
});

test("what is set in part keeps the other defaults", () => {
  const settings = ProjectSettings.parse({ limits: { attempts: 5 }, commands: { dev: { run: "make" } } });
  expect(settings.limits).toEqual({ rejections: 3, attempts: 5, crashes: 3 });
  expect(settings.commands).toEqual({ dev: { run: "make", timeout_s: 1_800 } });
});

test.each([
  { limits: { attempts: 0 } },
  { limits: { crashes: 0 } },
  { limits: { rejections: -1 } },
  { limits: { rejections: 101 } },
  { limits: { rejections: 1.5 } },
  { commands: { prod: { run: "make" } } },
  { commands: { dev: { run: "" } } },
  { commands: { dev: { run: "make", timeout_s: 0 } } },
  { test_command: "\0" },
  { approval: "maybe" },
  { max_lease_minutes: { dev: 0 } },
  { idle_minutes: { lunch: 30 } },
  { unknown: true },
])("settings of %j are refused", (settings) => {
  expect(ProjectSettings.safeParse(settings).success).toBe(false);
});

const hosted = (url: string | null, settings: object) => hostedStages(url, ProjectSettings.parse(settings));

test("a project without a repository has no hosted stage, whatever commands it has", () => {
  expect(hosted(null, { commands: { dev: { run: "make" } }, test_command: "npm test" })).toEqual([]);
});

test("sec and docs are built in, qa where there is a test command, dev never", () => {
  expect(hosted("/repository", {})).toEqual(["sec", "docs"]);
  expect(hosted("/repository", { test_command: "npm test" })).toEqual(["qa", "sec", "docs"]);
});

test("a command makes a stage hosted", () => {
  expect(hosted("/repository", { commands: { dev: { run: "make" }, qa: { run: "check" } } })).toEqual([
    "dev",
    "qa",
    "sec",
    "docs",
  ]);
});
