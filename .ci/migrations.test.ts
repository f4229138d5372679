/** Shows the drift check green on a schema with its migration and red on every way of getting out of step. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as plain } from "vitest";
import { driftOf, generate } from "./migrations.ts";

const ROOT = join(import.meta.dirname, "..");
const IMPORT = 'import { pgTable, text } from "drizzle-orm/pg-core";\n';
const ONE = `${IMPORT}export const letters = pgTable("letters", { a: text("a") });\n`;
const TWO = `${ONE}export const stamps = pgTable("stamps", { a: text("a") });\n`;

class Tree {
  readonly root = mkdtempSync(join(tmpdir(), "baton-drift-"));
  readonly drizzle = join(this.root, "drizzle");

  async plant(): Promise<this> {
    mkdirSync(join(this.root, "packages/db/src/schema"), { recursive: true });
    mkdirSync(this.drizzle);
    symlinkSync(join(ROOT, "node_modules"), join(this.root, "node_modules"));
    this.schema(ONE);
    await generate(this.root, this.drizzle);
    return this;
  }

  schema(text: string): void {
    writeFileSync(join(this.root, "packages/db/src/schema/index.ts"), text);
  }
}

const test = plain.extend("tree", ({}, { onCleanup }) => {
  const tree = new Tree();
  onCleanup(() => rmSync(tree.root, { recursive: true, force: true }));
  return tree.plant();
});

test("a schema and its migration agree", async ({ tree, expect }) => {
  expect(await driftOf(tree.root)).toBeUndefined();
});

test("a table without a migration is shown as the SQL that is missing, and nothing is written", async ({
  tree,
  expect,
}) => {
  tree.schema(TWO);
  const before = readdirSync(tree.drizzle);
  expect(await driftOf(tree.root)).toContain('CREATE TABLE "stamps"');
  expect(readdirSync(tree.drizzle)).toEqual(before);
});

test("a schema that cannot be read is drift, not agreement", async ({ tree, expect }) => {
  tree.schema(`${ONE}export * from "./missing.ts";\n`);
  expect(await driftOf(tree.root)).toContain("missing.ts");
});

test("a file that the journal does not name is shown", async ({ tree, expect }) => {
  writeFileSync(join(tree.drizzle, "9999_stray.sql"), "select 1;\n");
  expect(await driftOf(tree.root)).toContain("9999_stray.sql");
});
