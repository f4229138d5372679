/** Runs the program after the install in small trees that look like the ones npm leaves. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as plain } from "vitest";

const BROUGHT = `node-${process.platform}-${process.arch}/bin`;

class Tree {
  readonly root = mkdtempSync(join(tmpdir(), "baton-bring-"));
  readonly link = join(this.root, "node_modules/.bin/node");

  package(): void {
    mkdirSync(join(this.root, "node_modules", BROUGHT), { recursive: true });
    writeFileSync(join(this.root, "node_modules", BROUGHT, "node"), "");
  }

  installed(): void {
    cpSync(join(import.meta.dirname, "bring-node.mjs"), join(this.root, ".ci/bring-node.mjs"));
    execFileSync(process.execPath, [join(this.root, ".ci/bring-node.mjs")]);
  }
}

const test = plain.extend("tree", ({}, { onCleanup }) => {
  const tree = new Tree();
  onCleanup(() => rmSync(tree.root, { recursive: true, force: true }));
  return tree;
});

test("a link that npm removed is put back", ({ tree, expect }) => {
  tree.package();
  tree.installed();
  expect(readlinkSync(tree.link)).toBe(`../${BROUGHT}/node`);
  expect(existsSync(tree.link)).toBe(true);
});

test("a link that is there stays as it is, also when it runs twice", ({ tree, expect }) => {
  tree.package();
  mkdirSync(join(tree.root, "node_modules/.bin"));
  symlinkSync(process.execPath, tree.link);
  tree.installed();
  tree.installed();
  expect(readlinkSync(tree.link)).toBe(process.execPath);
});

test("where no Node came along nothing is made", ({ tree, expect }) => {
  tree.installed();
  expect(existsSync(join(tree.root, "node_modules"))).toBe(false);
});
