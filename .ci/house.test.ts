/** Shows each habit of the house broken once, and kept once. */
import { expect, test } from "vitest";
import { faultsOf } from "./house.ts";

const OPENED = "/** What it owns. */\n";
/** Put together here, so that this file does not itself hold what it forbids. */
const OFF = ["oxlint", "disable"].join("-");

test("a file that says what it owns is in order, with or without a shebang", () => {
  expect(faultsOf("packages/db/src/claim.ts", `${OPENED}export {};`)).toEqual([]);
  expect(faultsOf("apps/cli/src/main.ts", `#!/usr/bin/env node\n${OPENED}`)).toEqual([]);
});

test("a file without an opening comment is named", () => {
  expect(faultsOf("packages/db/src/claim.ts", "import pg from 'pg';")).toEqual([expect.stringContaining("open with")]);
});

test("a file called utils or helpers is named", () => {
  expect(faultsOf("packages/db/src/utils.ts", OPENED)).toEqual([expect.stringContaining("says nothing")]);
  expect(faultsOf("packages/db/src/helpers.ts", OPENED)).toEqual([expect.stringContaining("says nothing")]);
});

test("domain may turn a given time into a date but not ask for the present", () => {
  const asked = `${OPENED}export const at = new Date();`;
  expect(faultsOf("packages/domain/src/retry.ts", asked)).toEqual([expect.stringContaining("clock")]);
  expect(faultsOf("packages/domain/src/retry.test.ts", asked)).toEqual([]);
  expect(faultsOf("packages/domain/src/retry.ts", `${OPENED}export const at = (ms: number) => new Date(ms);`)).toEqual(
    [],
  );
});

test("testing entries are for tests", () => {
  const text = `${OPENED}import { freshDatabase } from "@baton/db/testing";`;
  expect(faultsOf("packages/pipeline/src/claim.ts", text)).toEqual([expect.stringContaining("testing entry")]);
  expect(faultsOf("packages/pipeline/src/claim.pg.test.ts", text)).toEqual([]);
  expect(faultsOf("packages/pipeline/src/testing/index.ts", text)).toEqual([]);
});

test("a rule is switched off for one line and with a reason, or not at all", () => {
  const line = `// ${OFF}-next-line typescript/no-non-null-assertion`;
  expect(faultsOf("packages/db/src/claim.ts", `${OPENED}${line} -- the length was checked above`)).toEqual([]);
  expect(faultsOf("packages/db/src/claim.ts", `${OPENED}${line}`)).toHaveLength(1);
  expect(faultsOf("packages/db/src/claim.ts", `${OPENED}/* ${OFF} typescript/no-explicit-any */`)).toHaveLength(1);
});

test("walls and size limits stay up, whatever the reason", () => {
  for (const rule of ["no-restricted-imports", "max-lines", "import/no-cycle"]) {
    const text = `${OPENED}// ${OFF}-next-line ${rule} -- just this once`;
    expect(faultsOf("packages/db/src/claim.ts", text)).toEqual([expect.stringContaining("takes a wall")]);
  }
});
