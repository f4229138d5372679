/** The twelve seeded bugs. */
import type { Bug } from "./bug.ts";
import { FENCING } from "./fencing.ts";
import { KEEPING } from "./keeping.ts";

export const BUGS: readonly Bug[] = [...FENCING, ...KEEPING];
