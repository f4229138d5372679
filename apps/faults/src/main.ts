/** `npm run faults [names]`: runs scenarios and tells what came of them. Exits with 0 only when all passed, with 78 for bad options. */
import { endingClean } from "./cluster/leftovers.ts";
import { type Form, readOptions } from "./options.ts";
import { textOf } from "./report.ts";
import { runAll } from "./run-all.ts";
import type { Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios/index.ts";

const EXIT_BAD_OPTIONS = 78;

const tell = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

async function main(): Promise<number> {
  const read = readOptions(process.argv.slice(2), 1 + Math.floor(Math.random() * 2_147_483_647));
  if (!read.ok) {
    tell(read.problem);
    return EXIT_BAD_OPTIONS;
  }
  const { names, form, seed, json } = read.options;
  const unknown = names.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    tell(
      `There is no scenario called ${unknown.join(", ")}. There are: ${SCENARIOS.map(({ name }) => name).join(", ")}`,
    );
    return EXIT_BAD_OPTIONS;
  }
  tell(`seed ${seed}`);
  const chosen =
    names.length > 0 ? SCENARIOS.filter(({ name }) => names.includes(name)) : await possible(SCENARIOS, form);
  const report = await runAll(chosen, { form, seed }, tell);
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : textOf(report)}\n`);
  const { results } = report;
  return results.length > 0 && results.every(({ verdict }) => verdict === "passed") ? 0 : 1;
}

async function possible(scenarios: readonly Scenario[], form: Form): Promise<Scenario[]> {
  const chosen: Scenario[] = [];
  for (const scenario of scenarios.filter(({ forms }) => forms?.includes(form) ?? true)) {
    const why = (await scenario.unable?.()) ?? null;
    if (why === null) chosen.push(scenario);
    else tell(`${scenario.name}: left out, ${why}`);
  }
  return chosen;
}

await endingClean(main, { tell });
