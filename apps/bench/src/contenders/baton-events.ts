/** Reads in Baton's events whether each task went exactly once through each stage. */
import { rowsFrom } from "../servers/postgres.ts";

/** Named tasks are lost when they are not there; all others of the database must be right as well. */
export async function eventFaults(database_url: string, task_ids: readonly string[]): Promise<string[]> {
  const told = await rowsFrom<Told>(database_url, TOLD);
  const there = new Set(told.map((task) => task.id));
  const lost = task_ids.filter((id) => !there.has(id)).map((id) => `task ${id} is lost`);
  return [...lost, ...told.flatMap(faultsOf)];
}

interface Told {
  id: string;
  stage: string;
  state: string;
  seq: number;
  /** The numbers of its events, in order. */
  seqs: number[];
  /** Its `passed` events in order, each as `from>to`. */
  passes: string[];
}

const TOLD = `
  select task.id, task.stage, task.state, task.seq,
    array_agg(event.seq order by event.seq) as seqs,
    coalesce(array_agg(event.from_stage || '>' || event.to_stage order by event.seq) filter (where event.type = 'passed'), '{}')
      as passes
  from tasks as task left join events as event on event.task_id = task.id
  group by task.id
  order by task.id`;

const ONCE_THROUGH = "dev>qa qa>sec sec>docs docs>complete";

function faultsOf({ id, stage, state, seq, seqs, passes }: Told): string[] {
  const dense = seqs.length === seq && seqs.every((number, i) => number === i + 1);
  return [
    ...(stage === "complete" && state === "completed" ? [] : [`task ${id} is ${state} in ${stage}`]),
    ...(dense ? [] : [`task ${id} has event ${seqs.join(", ")} of ${seq}`]),
    ...(passes.join(" ") === ONCE_THROUGH ? [] : [`task ${id} passed ${passes.join(" ") || "nothing"}`]),
  ];
}
