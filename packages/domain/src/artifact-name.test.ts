/** Names of artifacts and their media types, as hostile callers send them. */
import { expect, test } from "vitest";
import { ARTIFACT_NAME_MAX, ArtifactName, mediaTypeOfName, mediaTypeOr, OPAQUE_TYPE } from "./artifact-name.ts";

test("a file name is a name", () => {
  for (const name of ["report.json", "a b.txt", "…", "über.md", ".hidden", "..x", "日本語.txt", "x".repeat(255)]) {
    expect(ArtifactName.parse(name)).toBe(name);
  }
});

test("whatever could leave its folder, or hide, is no name", () => {
  const paths = ["../x", "a/b", "/etc/passwd", "..\\x", "C:\\x", ".", "..", "", "\0", "a\0b", "a\nb", "a\u2028b"];
  for (const name of [...paths, "a\ud800", "\u0085", "x".repeat(256), "x".repeat(5_000)]) {
    expect(ArtifactName.safeParse(name).success, JSON.stringify(name.slice(0, 20))).toBe(false);
  }
});

test("two spellings of the same letters are one name, and the length is that of the name", () => {
  expect(ArtifactName.parse("u\u0308ber")).toBe("über");
  expect(ArtifactName.parse("u\u0308".repeat(ARTIFACT_NAME_MAX))).toBe("ü".repeat(ARTIFACT_NAME_MAX));
});

test("a media type is kept as it is given, anything else is opaque", () => {
  for (const type of ["text/html", "text/plain; charset=utf-8", 'a/b; x="y z"', "application/vnd.x+json"]) {
    expect(mediaTypeOr(type)).toBe(type);
  }
  for (const type of [undefined, null, "", "text", "text/", "a/b\r\nX: y", "a/b; x", "a/é", `a/${"b".repeat(300)}`]) {
    expect(mediaTypeOr(type)).toBe(OPAQUE_TYPE);
  }
});

test("a file of which only the name is known has the type that its name says", () => {
  expect(mediaTypeOfName("Report.JSON")).toBe("application/json");
  expect(mediaTypeOfName("a.tar.gz")).toBe("application/gzip");
  for (const name of ["a", "a.unheard", "a.constructor", ".json.", "json"])
    expect(mediaTypeOfName(name)).toBe(OPAQUE_TYPE);
});

test("a hostile media type is looked at in no time", () => {
  const before = performance.now();
  mediaTypeOr(`a/b${" ; a=b".repeat(30)} `.repeat(1));
  mediaTypeOr(`a/b;${" ".repeat(200)}x`);
  expect(performance.now() - before).toBeLessThan(200);
});
