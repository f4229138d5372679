/** Who may make a call, and what most calls share. */
import { IdParams } from "../fields.ts";

export const MAKERS = { roles: ["admin", "producer"] } as const;
export const ADMINS = { roles: ["admin"] } as const;
export const WORKERS = { roles: ["admin", "agent"] } as const;
export const EVERYBODY = { roles: ["admin", "producer", "agent"] } as const;
export const ANYONE = { roles: "anyone", tag: "system" } as const;
/** Takes an `Idempotency-Key`. */
export const ONCE = { once: true } as const;
/** Names one thing by its id. */
export const ONE = { params: IdParams, refusals: ["not_found"] } as const;
