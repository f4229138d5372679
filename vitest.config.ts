/** How the tests are found and run: unit tests beside their files, one throw-away Postgres for the whole run. */
import { defineConfig } from "vitest/config";
import { COMPILED, temporaryRoot } from "./packages/db/src/testing/env.ts";

const TMPDIR = temporaryRoot();

export default defineConfig({
  test: {
    include: ["{apps,packages,examples,.ci}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "examples/*/template/**"],
    env: { TMPDIR, ...COMPILED },
    globalSetup: ["packages/db/src/testing/global-setup.ts"],
    // Processes, not threads: a test may change folders or send itself signals, and ends with its connections.
    pool: "forks",
    // Two cores carry three files at once: many of them wait most of the time.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Conditions that are waited for come at once on a quiet machine, and late on a busy one.
    expect: { poll: { timeout: 15_000, interval: 20 } },
  },
});
