/** Where an entry goes in changelogs of several habits. */
import { expect, test } from "vitest";
import { withEntry } from "./changelog.ts";

const ENTRY = ["- Greet: says hello.", "  - Tests: 3 tests, 3 passed."];

test("a new changelog is one in the form of Keep a Changelog", () => {
  const text = withEntry(null, ENTRY);
  expect(text).toMatch(/^# Changelog\n/);
  expect(text).toMatch(
    /\n## \[Unreleased\]\n\n### Changed\n\n- Greet: says hello\.\n {2}- Tests: 3 tests, 3 passed\.\n$/,
  );
});

test("an entry joins those that are not released yet, on top", () => {
  const before =
    "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A.\n\n### Changed\n\n- Old.\n\n## [1.0.0]\n\n- First.\n";
  expect(withEntry(before, ENTRY)).toBe(before.replace("- Old.", `${ENTRY.join("\n")}\n- Old.`));
});

test("an unreleased section without changes is given one", () => {
  const before = "# Changelog\n\n## [Unreleased]\n\n## [1.0.0]\n\n- First.\n";
  expect(withEntry(before, ENTRY)).toBe(
    before.replace("## [Unreleased]\n", `## [Unreleased]\n\n### Changed\n\n${ENTRY.join("\n")}\n`),
  );
});

test("a changelog without an unreleased section is given one above the newest release", () => {
  const before = "# History\n\nWords.\n\n## 1.0.0\n\n- First.\n";
  expect(withEntry(before, ENTRY)).toBe(
    before.replace("## 1.0.0", `## [Unreleased]\n\n### Changed\n\n${ENTRY.join("\n")}\n\n## 1.0.0`),
  );
});

test("an empty section of changes is filled", () => {
  const before = "# Changelog\n\n## Unreleased\n\n### Changed\n";
  expect(withEntry(before, ENTRY)).toBe(`${before}\n${ENTRY.join("\n")}\n`);
});

test("line ends stay as they are", () => {
  const text = withEntry("# Changelog\r\n\r\n## [1.0.0]\r\n", ENTRY);
  expect(text.split("\r\n").join("")).not.toContain("\n");
  expect(text).toContain("## [Unreleased]\r\n\r\n### Changed\r\n\r\n- Greet");
});
