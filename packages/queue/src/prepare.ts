/** What a process does before it uses the queues: make sure that the back end is there and fit to be used. */
import type { Backend } from "./backend.ts";
import { preparePostgres } from "./postgres/prepare.ts";
import { prepareRedis } from "./redis/prepare.ts";

/** Throws a `QueueUnfit`, whose message says what to do, when it is not. */
export function prepareQueue(backend: Backend): Promise<void> {
  switch (backend.kind) {
    case "redis":
      return prepareRedis(backend.url);
    case "postgres":
      return preparePostgres(backend.url);
  }
}
