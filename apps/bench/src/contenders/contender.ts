/** What the bench asks of everything it compares: a desk that takes tasks, and stages that are served by processes of their own. */
import type { Stage } from "@baton/domain";
import { z } from "zod";
import type { Servers } from "../servers/index.ts";

/** What the worker processes are told of where they work. */
export const Place = z.object({ database_url: z.string().optional(), redis_url: z.string().optional() });
export type Place = z.infer<typeof Place>;

export interface Contender {
  name: string;
  /** In the bench itself: takes a clean place on the servers. */
  open(servers: Servers): Promise<Desk>;
  /** In a worker process: works the tasks of one or more stages with no-op work. */
  serve(shift: Shift): Promise<Serving>;
}

export interface Desk {
  place: Place;
  /** Puts so many new tasks on the line and gives their ids. */
  submit(count: number): Promise<string[]>;
  /** Resolves when all that was submitted is in the queue. */
  sent(): Promise<void>;
  /** Looks at what the line has left behind: what is wrong with these tasks. None when all is as it should be. */
  faults(task_ids: readonly string[]): Promise<string[]>;
  close(): Promise<void>;
}

export interface Shift {
  place: Place;
  stages: readonly Stage[];
  /** Tasks at the same time in each stage. */
  concurrency: number;
  /** The no-op work of a stage, called where an agent would begin; gives the text of the packet that it leaves. */
  work(task_id: string, stage: Stage): string;
  /** Called once a task is through the last stage. */
  finished(task_id: string): void;
  onError(error: unknown): void;
}

export interface Serving {
  close(): Promise<void>;
}
