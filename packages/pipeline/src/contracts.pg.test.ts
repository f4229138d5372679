/** Contracts as they are kept: a version for each change, and none that nobody could keep. */
import { newId } from "@baton/db";
import { Contract } from "@baton/domain";
import { expect, test } from "vitest";
import { checkContract, getContract, listContracts } from "./index.ts";
import { agree, DEV } from "./testing/contracts.ts";
import { testLine, testProject } from "./testing/index.ts";
import { valueOf } from "./testing/verbs.ts";

test("two contracts put at the same moment are two versions", async () => {
  const open = await testLine();
  const id = await testProject(open);
  const put = await Promise.all(Array.from({ length: 5 }, () => agree(open, id, {})));
  expect(put.map((one) => valueOf(one).contract.version).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
  expect(valueOf(await getContract(open.line, open.admin, { id, ...DEV })).contract.version).toBe(5);
  const all = valueOf(await listContracts(open.line, open.admin, { id })).items;
  expect(all.map(({ from, to, version }) => `${from} ${to} ${version}`)).toEqual([
    ...["dev qa 5", "qa sec 0", "sec docs 0", "docs complete 0"],
  ]);
});

test("a contract that nobody could keep is refused with every place that is wrong", async () => {
  const definition = Contract.parse({
    artifacts: [
      { name: "a", schema: { $ref: "https://example.com/x" } },
      { name: "b", transform: "docx_to_json" },
      { name: "c", format: "json", transform: "yaml_to_json" },
      { name: "d", schema: { properties: { x: { type: "strnig" } } } },
    ],
    packet: { schema: { $ref: "#" } },
  });
  const checked = await checkContract(definition);
  expect(checked.ok ? null : checked.problem.code).toBe("contract_invalid");
  expect(checked.ok ? [] : [...new Set(checked.problem.errors?.map(({ pointer }) => pointer))]).toEqual([
    ...["/packet/schema", "/artifacts/0/schema/$ref", "/artifacts/1/transform", "/artifacts/2/transform"],
    "/artifacts/3/schema/properties/x/type",
  ]);
});

test("of a project elsewhere nothing is shown and nothing is changed", async () => {
  const open = await testLine();
  const id = newId();
  for (const answer of [
    await listContracts(open.line, open.admin, { id }),
    await getContract(open.line, open.admin, { id, ...DEV }),
    await agree(open, id, {}),
  ]) {
    expect(answer).toMatchObject({ ok: false, problem: { code: "not_found" } });
  }
});
