/** Findings: many ways of writing one, one normal form, one name. */
import { expect, test } from "vitest";
import { distinctFindings, FindingInput, normaliseFinding, PRIORITY_OF, SEVERITIES } from "./findings.ts";

const normal = (input: FindingInput, kind: "bug" | "vulnerability" | "finding" = "bug") =>
  normaliseFinding(FindingInput.parse(input), kind);

test("critical and high ask for priority 10, medium 7, low 5, info 3", () => {
  expect(SEVERITIES.map((severity) => PRIORITY_OF[severity])).toEqual([10, 10, 7, 5, 3]);
  expect(normal({ title: "a", severity: "low" }).priority).toBe(5);
});

test("what an agent leaves out is medium and open", () => {
  expect(normal({ title: "a" })).toMatchObject({
    severity: "medium",
    status: "open",
    file: null,
    line: null,
    description: "",
  });
});

test("an issue is a title, and the title wins", () => {
  expect(normal({ issue: "weak hash" }).title).toBe("weak hash");
  expect(normal({ issue: "weak hash", title: "md5" }).title).toBe("md5");
});

test("a finding without a title or an issue is refused", () => {
  expect(FindingInput.safeParse({ description: "something" }).error?.issues[0]).toMatchObject({ path: ["title"] });
});

test("a field that nobody knows is refused", () => {
  expect(FindingInput.safeParse({ title: "a", cvss: 9.8 }).success).toBe(false);
});

test("the description begins with the place and ends with the recommendation", () => {
  const whole = { title: "a", file: "src/a.js", line: 7, description: "breaks", recommendation: "mend" };
  expect(normal(whole).description).toBe("src/a.js:7\nbreaks\nmend");
  expect(normal({ title: "a", file: "src/a.js", recommendation: "mend" }).description).toBe("src/a.js\nmend");
  expect(normal({ title: "a", description: "x".repeat(20_000), recommendation: "y" }).description).toHaveLength(20_000);
});

test("a finding may say its kind, else it has the kind of its report", () => {
  expect(normal({ title: "a" }, "vulnerability").kind).toBe("vulnerability");
  expect(normal({ title: "a", kind: "bug" }, "vulnerability").kind).toBe("bug");
});

test("a fault keeps its fingerprint when lines, numbers, addresses, case and spacing change", () => {
  const one = normal({ title: "Timeout after 30 ms at 0x7ffe12", file: "src/a.js", line: 7 });
  const same = normal({
    title: "timeout  after 4500 ms at 0xdeadBEEF",
    file: "src/a.js",
    line: 90,
    severity: "high",
    description: "again",
  });
  expect(same.fingerprint).toBe(one.fingerprint);
});

test("another file, another kind and another title are another fault", () => {
  const one = { title: "timeout", file: "src/a.js" };
  const names = [
    normal(one),
    normal({ ...one, file: "src/b.js" }),
    normal(one, "vulnerability"),
    normal({ ...one, title: "crash" }),
  ];
  expect(new Set(names.map((finding) => finding.fingerprint)).size).toBe(4);
});

test("two reports of one fault are one finding, in the place of the first", () => {
  const [a, b] = [normal({ title: "a 1" }), normal({ title: "b" })];
  expect(distinctFindings([a, b, normal({ title: "a 2" })])).toEqual([a, b]);
});

test("of two reports of one fault the worse is kept: open before fixed, then the higher severity", () => {
  const fixed = normal({ title: "test 1 fails", severity: "critical", status: "fixed" });
  const medium = normal({ title: "test 2 fails", severity: "medium" });
  const high = normal({ title: "test 3 fails", severity: "high" });
  expect(distinctFindings([fixed, medium, high])).toEqual([high]);
  expect(distinctFindings([high, medium, fixed])).toEqual([high]);
  expect(distinctFindings([fixed, medium])).toEqual([medium]);
});
