/** Where a repository may lie and how its branch may be called. */
import { expect, test } from "vitest";
import { BranchName, branchOf, RepositoryUrl } from "./repository.ts";

test.each([
  "/srv/repositories/a b",
  "https://example.org/a.git",
  "ssh://git@example.org:2222/a",
  "git@example.org:group/a.git",
  "file:///srv/a",
])("a repository may lie at %s", (url) => {
  expect(RepositoryUrl.parse(url)).toBe(url);
});

test.each([
  ["an option", "-oProxyCommand=id"],
  ["an option as the host", "ssh://-oProxyCommand=id/x"],
  ["an option as the user", "ssh://-l@example.org/x"],
  ["an option as the scp host", "git@-oProxyCommand=id:x"],
  ["an option as the scp path", "git@example.org:-x"],
  ["a program", "ext::sh -c id"],
  ["a program within", "https://example.org/a::b"],
  ["a descriptor", "fd::17"],
  ["a relative path", "../a"],
  ["a file elsewhere", "file://example.org/a"],
  ["no host", "https:///a"],
  ["half a scheme", "https:example.org/a"],
  ["a backslash", "https://example.org\\a"],
  ["plain http", "http://example.org/a"],
  ["plain git", "git://example.org/a"],
  ["plain git", "git://example.org/a"],
  ["a script", "javascript:alert(1)"],
  ["a password", "https://me:secret@example.org/a"],
  ["two lines", "/srv/a\n/srv/b"],
  ["nothing", ""],
])("a repository may not be %s", (_what, url) => {
  expect(RepositoryUrl.safeParse(url).success).toBe(false);
});

test.each(["main", "feature/login", "v1.2", "ümläut", "a-b_c"])("a branch may be called %s", (name) => {
  expect(BranchName.parse(name)).toBe(name);
});

// Each of these is refused by `git check-ref-format --branch` as well.
test.each([
  ...["-x", "a..b", "a b", "a~1", "a^", "a:b", "a?", "a*", "a[b", "a\\b", "@", "@{1}", "a@{b", "HEAD"],
  ...[".a", "a/.b", "a.", "a/", "/a", "a//b", "a.lock", "a.lock/b", "a\tb", "\u007f", ""],
])("a branch may not be called %j", (name) => {
  expect(BranchName.safeParse(name).success).toBe(false);
});

test("each task has a branch of its own", () => {
  expect(branchOf("run", "task")).toBe("baton/run/task");
});
