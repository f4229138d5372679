/** What each stage does, by its name. */
import type { StagePlan } from "@baton/agents";
import type { Stage } from "@baton/domain";
import { dev } from "./dev.ts";
import { docs } from "./docs.ts";
import { qa } from "./qa.ts";
import { sec } from "./sec.ts";

export const PLANS: Record<Stage, StagePlan> = { dev, qa, sec, docs };
