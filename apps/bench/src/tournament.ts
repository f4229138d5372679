/** All rounds of all contenders, interleaved: what disturbs the machine for a while disturbs them alike. */
import type { Contender } from "./contenders/contender.ts";
import { ORDINARY } from "./contenders/index.ts";
import type { Options } from "./options.ts";
import { playRound, type Round } from "./round.ts";
import { type Row, rowOf } from "./row.ts";
import type { Servers } from "./servers/index.ts";

export async function play(
  contenders: readonly Contender[],
  servers: Servers,
  options: Options,
  tell: (text: string) => void,
): Promise<Row[]> {
  const rounds = new Map<string, Round[]>(contenders.map(({ name }) => [name, []]));
  for (let number = 1; number <= options.rounds; number += 1) {
    for (const contender of turned(contenders, number)) {
      const round = await playRound(contender, servers, options);
      rounds.get(contender.name)?.push(round);
      tell(`round ${number} of ${options.rounds}, ${contender.name}: ${sayRound(round)}`);
    }
  }
  const [first] = rounds.values();
  return [...rounds].map(([name, played]) => rowOf(name, played, { first, ordinary: rounds.get(ORDINARY) }));
}

/** Every round begins with another contender. */
function turned<T>(all: readonly T[], number: number): T[] {
  const start = number % all.length;
  return [...all.slice(start), ...all.slice(0, start)];
}

function sayRound({ tasks_per_s, cpu_ms_per_task, faults, troubles }: Round): string {
  const figures = `${tasks_per_s.toFixed(0)} tasks/s, ${cpu_ms_per_task.toFixed(2)} ms of CPU a task`;
  return [figures, ...sayList("errors on the way", troubles), ...sayList("FAULTS", faults)].join(", ");
}

function sayList(name: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`${items.length} ${name}: ${items.slice(0, 5).join("; ")}`];
}
