/** Which addresses reach git, and which must not. */
import { expect, test } from "vitest";
import { withoutPassword } from "./git.ts";
import { placeOf } from "./repository-url.ts";

test.each([
  ["/home/me/project", { kind: "local", path: "/home/me/project" }],
  ["file:///home/me/a%20project", { kind: "local", path: "/home/me/a project" }],
])("%s is a folder on this machine", (url, place) => {
  expect(placeOf(url)).toEqual(place);
});

test.each(["https://example.com/a.git", "ssh://git@example.com/a.git", "git@example.com:a/b.git"])(
  "%s is an address to clone from",
  (url) => {
    expect(placeOf(url)).toEqual({ kind: "remote", url });
  },
);

test.each([
  "--upload-pack=touch /tmp/x",
  "-oProxyCommand=x",
  "ext::sh -c touch% /tmp/x",
  "fd::17",
  "::x",
  "git@-oProxyCommand=x:a",
  "ssh://-oProxyCommand=x/a",
  "git@example.com:-a",
  "file://server/share",
  "ftp://example.com/a",
  "javascript:alert(1)",
  "relative/path",
  "../project",
  "",
  "https://example.com/a\n-b",
  "/home/me\0/x",
])("%j is refused before git sees it", (url) => {
  expect(placeOf(url)).toMatchObject({ kind: "refused" });
});

test("a token in an address does not get into what people read", () => {
  expect(withoutPassword("fatal: https://bob:tok3n@example.com/a.git gone")).toBe(
    "fatal: https://***@example.com/a.git gone",
  );
});
