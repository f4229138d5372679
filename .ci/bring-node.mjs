/**
 * Runs after every install, on whatever Node is there: sees to it that `node` in npm's scripts is the one that came with
 * the install. npm 10 removes that link together with the package that was made for another processor.
 */
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";

const modules = fileURLToPath(new URL("../node_modules/", import.meta.url));
const brought = `node-${process.platform}-${process.arch}/bin/node`;

if (existsSync(`${modules}${brought}`) && !existsSync(`${modules}.bin/node`)) {
  mkdirSync(`${modules}.bin`, { recursive: true });
  symlinkSync(`../${brought}`, `${modules}.bin/node`);
}
