/** What a sequence is played with, and how an answer is held against the model. */
import type { RunView, TaskView } from "@baton/domain/api";
import { type Desk, type Told, Unexpected } from "./desk.ts";
import { differenceOf, type Model } from "./model.ts";

export interface Game {
  desk: Desk;
  model: Model;
  run_id: string;
  stranger: string;
  /** When a claim was last refused or repeated: its locks may outlive its answer for a moment. */
  disturbed_at: number;
}

export function good(told: Told): Told["body"] {
  if (told.code !== undefined) throw new Unexpected(`is refused with ${told.code}: ${JSON.stringify(told.body)}`);
  return told.body;
}

export function refusedWith(told: Told, code: string): void {
  if (told.code !== code) throw new Unexpected(`is told ${told.status} ${told.code ?? ""}, the model says ${code}`);
}

export const same = (model: Model, view: TaskView) => {
  const difference = differenceOf(model, view);
  if (difference !== null) throw new Unexpected(difference);
};

export function taskAt({ tasks }: Model, n: number): string {
  return [...tasks.keys()][n % tasks.size] ?? "";
}

export function sameRun({ state }: Model, run: RunView): void {
  if (run.state !== state) throw new Unexpected(`the run is ${run.state}, not ${state}`);
}
