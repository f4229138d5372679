/** Which stages of a workspace's projects hosted workers serve, derived anew when its roles have changed. */
import { hostedStages, type Stage } from "@baton/domain";
import type { Db } from "./client.ts";
import { and, asc, eq, isNotNull } from "./drizzle.ts";
import { projects } from "./schema/index.ts";

/** `by_role`: stages whose role brings a command. The workspace's roles must be locked for the change. */
export async function rehostProjects(tx: Db, workspace_id: string, by_role: readonly Stage[]): Promise<void> {
  const rows = await tx.orm
    .select()
    .from(projects)
    .where(and(eq(projects.workspace_id, workspace_id), isNotNull(projects.repository_url)))
    .orderBy(asc(projects.id));
  for (const { id, repository_url, settings, hosted: before } of rows) {
    const hosted = hostedStages(repository_url, settings, by_role);
    if (hosted.join() !== before.join()) await tx.orm.update(projects).set({ hosted }).where(eq(projects.id, id));
  }
}
