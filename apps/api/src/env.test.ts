/** The settings: what holds when nothing is set, and what is said of a bad one. */
import { expect, test } from "vitest";
import { readSettings } from "./env.ts";

const DATABASE_URL = "postgres://localhost/x";

test("nothing but the database has to be set", () => {
  expect(readSettings({ DATABASE_URL, REDIS_URL: "" })).toEqual({
    settings: {
      ...{ PORT: 3000, HOST: "127.0.0.1", BATON_DATA_DIR: ".baton", LOG_LEVEL: "info" },
      ...{ DATABASE_URL, BATON_BOARD_WRITE: false, BATON_ARTIFACT_MAX_MB: 64 },
      ...{ BATON_HOSTS: [], AUTO_TRIGGER_AGENTS: true },
    },
  });
});

test("every bad setting is told at once, none with its value", () => {
  const read = readSettings({
    ...{ PORT: "http", LOG_LEVEL: "loud", BATON_ADMIN_TOKEN: "too-short", REDIS_URL: "secret://x" },
    ...{ DATABASE_URL: "mysql://secret", BATON_BOARD_WRITE: "yes" },
    ...{ ARTIFACT_STORE_URL: "http://secret", BATON_ARTIFACT_MAX_MB: "0", AUTO_TRIGGER_AGENTS: "no" },
  });
  const problems = "problems" in read ? read.problems : [];
  const names = ["PORT", "LOG_LEVEL", "BATON_ADMIN_TOKEN", "REDIS_URL", "DATABASE_URL", "BATON_BOARD_WRITE"];
  for (const name of [...names, "ARTIFACT_STORE_URL", "BATON_ARTIFACT_MAX_MB", "AUTO_TRIGGER_AGENTS"]) {
    expect(problems.filter((problem) => problem.startsWith(`${name}: `))).toHaveLength(1);
  }
  expect(problems.join()).not.toMatch(/too-short|secret:|mysql:\/\/secret/);
});

test("an admin token has at least 20 characters", () => {
  expect("settings" in readSettings({ DATABASE_URL, BATON_ADMIN_TOKEN: "x".repeat(20) })).toBe(true);
  expect("settings" in readSettings({ DATABASE_URL, BATON_ADMIN_TOKEN: "x".repeat(19) })).toBe(false);
});

test.each([
  ["on", true],
  ["1", true],
  ["off", false],
  ["false", false],
])("AUTO_TRIGGER_AGENTS=%s is understood as %j", (AUTO_TRIGGER_AGENTS, understood) => {
  expect(readSettings({ DATABASE_URL, AUTO_TRIGGER_AGENTS })).toMatchObject({
    settings: { AUTO_TRIGGER_AGENTS: understood },
  });
});

test("host names for MCP clients come by commas, and without ports", () => {
  const hosts = (BATON_HOSTS: string) => {
    const read = readSettings({ DATABASE_URL, BATON_HOSTS });
    return "settings" in read ? read.settings.BATON_HOSTS : null;
  };
  expect(hosts("Baton.example, api,[::1]")).toEqual(["baton.example", "api", "[::1]"]);
  for (const bad of ["baton.example:3000", "http://baton.example", "a,,b", "*"]) expect(hosts(bad), bad).toBeNull();
});
