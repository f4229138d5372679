/** `npm run faults:selftest [names]`: the test of the tests. Puts twelve known bugs into copies of the checkout, one at a time, and shows that each is noticed; without one nothing may be. */
import { type Found, healthy, hunt } from "./bugs/hunt.ts";
import { BUGS } from "./bugs/index.ts";
import { endingClean } from "./cluster/leftovers.ts";

const SEED = 1_202;
const NONE = "none";
const EXIT_BAD_OPTIONS = 78;
/** The run that it has started has its own limit, and then the copy goes. */
const CLEAR_MS = 25_000;

const tell = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function main(names: readonly string[]): Promise<number> {
  const known = [NONE, ...BUGS.map(({ name }) => name)];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    tell(`There is no bug called ${unknown.join(", ")}. There are: ${known.join(", ")}`);
    return EXIT_BAD_OPTIONS;
  }
  const chosen = BUGS.filter(({ name }) => names.length === 0 || names.includes(name));
  const found: Found[] = [];
  if (names.length === 0 || names.includes(NONE)) {
    tell("none: no bug at all, nothing may be told");
    found.push(await healthy([...new Set(BUGS.map(({ scenario }) => scenario))], SEED));
  }
  for (const bug of chosen) {
    tell(`${bug.name}: ${bug.mistake}`);
    const result = await hunt(bug, SEED);
    tell(`${bug.name}: ${result.caught_by ?? `NOT CAUGHT, ${result.problem}`}`);
    found.push(result);
  }
  process.stdout.write(`${tableOf(found)}\n`);
  return found.every(isGood) ? 0 : 1;
}

function isGood({ bug, caught_by, problem }: Found): boolean {
  return bug === NONE ? problem === null : caught_by !== null;
}

function tableOf(found: readonly Found[]): string {
  const rows = [
    ["bug", "caught by", "s"],
    ...found.map((one) => [one.bug, one.caught_by ?? wordFor(one), one.seconds.toFixed(0)]),
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const bugs = found.filter(({ bug }) => bug !== NONE);
  const caught = bugs.filter(isGood).length;
  return [
    ...rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")),
    "",
    `${caught} of ${bugs.length} caught.`,
  ].join("\n");
}

function wordFor({ bug, problem }: Found): string {
  if (bug === NONE && problem === null) return "nothing told, as it must be";
  return bug === NONE ? `TOLD WITHOUT A BUG: ${problem}` : `NOT CAUGHT: ${problem}`;
}

await endingClean(() => main(process.argv.slice(2)), { tell, limit_ms: CLEAR_MS });
