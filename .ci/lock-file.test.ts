/** Shows what the lock file must not hold, on small lock files. */
import { expect, test } from "vitest";
import { faultsOf } from "./lock-file.ts";

test("a checksummed package and a workspace link are in order", () => {
  const packages = {
    "": {},
    "packages/db": {},
    "node_modules/@baton/db": { resolved: "packages/db", link: true },
    "node_modules/zod": { integrity: "sha512-x" },
    "node_modules/a/node_modules/b": { inBundle: true },
  };
  expect(faultsOf({ packages })).toEqual([]);
});

test("a download address is named", () => {
  const packages = { "node_modules/zod": { resolved: "https://registry.example/zod.tgz", integrity: "sha512-x" } };
  expect(faultsOf({ packages })).toEqual(["node_modules/zod names a download address"]);
});

test("a package without a checksum is named, nested ones too", () => {
  const packages = { "packages/db/node_modules/zod": {} };
  expect(faultsOf({ packages })).toEqual(["packages/db/node_modules/zod has no checksum"]);
});
