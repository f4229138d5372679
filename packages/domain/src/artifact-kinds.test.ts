/** What kind of file a path is, and which files of a diff are artifacts. */
import { expect, test } from "vitest";
import { artifactsFromDiff, artifactType } from "./artifact-kinds.ts";

test.each([
  ["src/a.test.ts", "test"],
  ["tests/deep/a.py", "test"],
  ["pkg/thing_test.go", "test"],
  ["src/test_thing.py", "test"],
  ["src/latest.ts", "file"],
  ["drizzle/0001_init.sql", "migration"],
  ["db/migrations/2.rb", "migration"],
  ["docs/openapi.yaml", "spec"],
  ["api/thing.proto", "spec"],
  ["src/components/button.ts", "component"],
  ["src/App.tsx", "component"],
  ["package.json", "config"],
  [".github/workflows/ci.yml", "config"],
  ["tsconfig.build.json", "config"],
  ["src/index.ts", "file"],
  ["README.md", "file"],
])("%s is a %s", (path, type) => {
  expect(artifactType(path)).toBe(type);
});

test("what git says is an artifact, whatever the name looks like", () => {
  const files = [
    { path: "a b/ü\t.ts", action: "created" as const },
    { path: `${"x".repeat(1_001)}`, action: "created" as const },
  ];
  expect(artifactsFromDiff(files)).toEqual([{ type: "file", path: "a b/ü\t.ts", action: "created" }]);
});
