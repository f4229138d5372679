/** The habits of the house that no linter knows: every file says what it owns, walls stay up, tests stay apart. Names each file that breaks one. */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

interface Habit {
  readonly fault: string;
  readonly broken: (path: string, text: string) => boolean;
}

const EMPTY_NAME = /^(utils?|common|helpers?|types|misc)\.ts$/;
const IN_TESTS = /\.test\.ts$|\/testing\//;
const TESTING_IMPORT = /from "@baton\/[a-z]+\/testing"/;
/** Only one line at a time, only with a reason, and never a wall or a size limit. */
const SWITCHED_OFF = /(?:oxlint|eslint)-disable(?!-next-line [a-z/-]+ -- \S)|biome-i[g]nore/;
const WALL_DOWN = /(?:oxlint|eslint)-disable.*(?:no-restricted|max-lines|ban-ts-comment|no-cycle)/;

const HABITS: readonly Habit[] = [
  {
    fault: "does not open with a /** comment that says what it owns",
    broken: (_, text) => !/^(#![^\n]*\n)?\/\*\*/.test(text),
  },
  { fault: "has a name that says nothing", broken: (path) => EMPTY_NAME.test(basename(path)) },
  {
    fault: "reads the clock in domain",
    broken: (path, text) => path.startsWith("packages/domain/") && !IN_TESTS.test(path) && /new Date\(\)/.test(text),
  },
  {
    fault: "imports a testing entry outside tests",
    broken: (path, text) => !IN_TESTS.test(path) && !/^apps\/(bench|faults)\//.test(path) && TESTING_IMPORT.test(text),
  },
  {
    fault: "switches a rule off without a reason, or for more than a line",
    broken: (_, text) => SWITCHED_OFF.test(text),
  },
  { fault: "takes a wall or a size limit down", broken: (_, text) => WALL_DOWN.test(text) },
];

/** What is wrong with one file; nothing, when all is well. */
export function faultsOf(path: string, text: string): string[] {
  return HABITS.filter((habit) => habit.broken(path, text)).map((habit) => habit.fault);
}

function sources(root: string): string[] {
  const folders = ["*.ts", ".ci/*.ts", "{apps,packages}/**/*.ts", "examples/**/*.ts"];
  return globSync(folders, { cwd: root, exclude: (path) => path.includes("node_modules") }).sort();
}

if (import.meta.main) {
  const root = join(import.meta.dirname, "..");
  const files = sources(root);
  const faults = files.flatMap((path) =>
    faultsOf(path, readFileSync(join(root, path), "utf8")).map((fault) => `${path} ${fault}`),
  );
  console.log(faults.length === 0 ? `house: ${files.length} files in order` : faults.join("\n"));
  process.exitCode = faults.length === 0 && files.length > 0 ? 0 : 1;
}
