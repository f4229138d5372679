/** Whose word counts about a file. */
import { expect, test } from "vitest";
import { withGitsWord } from "./artifacts.ts";

test("the agent may describe a file, but what was done to it is git's word", () => {
  const files = [
    { path: "src/a.ts", action: "modified" as const },
    { path: "src/b.ts", action: "deleted" as const },
  ];
  const claimed = [
    { type: "spec" as const, path: "./src/a.ts", action: "created" as const, description: "the rules" },
    { type: "file" as const, path: "dist/out.js", action: "created" as const },
  ];
  expect(withGitsWord(claimed, files)).toEqual([
    { type: "file", path: "src/b.ts", action: "deleted" },
    { type: "spec", path: "src/a.ts", action: "modified", description: "the rules" },
    { type: "file", path: "dist/out.js", action: "created" },
  ]);
});
