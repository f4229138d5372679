/** THE route table: every call of the API, once. The server mounts it, the client calls it, the documentation shows it. */
import type { Route } from "./route.ts";
import { artifactRoutes } from "./routes/artifacts.ts";
import { contractRoutes } from "./routes/contracts.ts";
import { featureRoutes } from "./routes/features.ts";
import { handoffRoutes } from "./routes/handoffs.ts";
import { leaseRoutes } from "./routes/leases.ts";
import { planRoutes } from "./routes/plans.ts";
import { projectRoutes } from "./routes/projects.ts";
import { proofRoutes } from "./routes/proofs.ts";
import { roleRoutes } from "./routes/roles.ts";
import { runRoutes } from "./routes/runs.ts";
import { systemRoutes } from "./routes/system.ts";
import { taskRoutes } from "./routes/tasks.ts";

export const ROUTES = {
  ...projectRoutes,
  ...contractRoutes,
  ...featureRoutes,
  ...runRoutes,
  ...planRoutes,
  ...taskRoutes,
  ...leaseRoutes,
  ...handoffRoutes,
  ...artifactRoutes,
  ...proofRoutes,
  ...roleRoutes,
  ...systemRoutes,
} satisfies Record<string, Route>;
export type RouteName = keyof typeof ROUTES;
