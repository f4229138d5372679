/** Projects and features: plain rows, always asked for with their workspace. */

import type { Db } from "./client.ts";
import { and, desc, eq, lt, sql } from "./drizzle.ts";
import { features, projects } from "./schema/index.ts";

export type ProjectRow = typeof projects.$inferSelect;
export type FeatureRow = typeof features.$inferSelect;

/** A page of a list, newest first: at most `limit` rows older than the id `before`. */
export interface Page {
  limit: number;
  before: string | null;
}

export async function insertProject(db: Db, project: typeof projects.$inferInsert): Promise<ProjectRow> {
  const [row] = await db.orm.insert(projects).values(project).returning();
  if (row === undefined) throw new Error("the project was not written");
  return row;
}

type ProjectChange = Partial<
  Pick<ProjectRow, "name" | "repository_url" | "primary_branch" | "settings" | "hosted" | "capacity">
>;

export async function updateProject(
  db: Db,
  workspace_id: string,
  id: string,
  change: ProjectChange,
): Promise<ProjectRow | null> {
  const [row] = await db.orm
    .update(projects)
    .set({ ...change, updated_at: sql`now()` })
    .where(and(eq(projects.workspace_id, workspace_id), eq(projects.id, id)))
    .returning();
  return row ?? null;
}

export async function findProject(db: Db, workspace_id: string, id: string): Promise<ProjectRow | null> {
  const [row] = await db.orm
    .select()
    .from(projects)
    .where(and(eq(projects.workspace_id, workspace_id), eq(projects.id, id)));
  return row ?? null;
}

/** Locked against other changes until the transaction ends. */
export async function lockProject(tx: Db, workspace_id: string, id: string): Promise<ProjectRow | null> {
  const [row] = await tx.orm
    .select()
    .from(projects)
    .where(and(eq(projects.workspace_id, workspace_id), eq(projects.id, id)))
    .for("no key update");
  return row ?? null;
}

export async function pageOfProjects(db: Db, workspace_id: string, page: Page): Promise<ProjectRow[]> {
  return db.orm
    .select()
    .from(projects)
    .where(
      and(eq(projects.workspace_id, workspace_id), page.before === null ? undefined : lt(projects.id, page.before)),
    )
    .orderBy(desc(projects.id))
    .limit(page.limit);
}

export async function insertFeature(db: Db, feature: typeof features.$inferInsert): Promise<FeatureRow> {
  const [row] = await db.orm.insert(features).values(feature).returning();
  if (row === undefined) throw new Error("the feature was not written");
  return row;
}

export async function findFeature(db: Db, workspace_id: string, id: string): Promise<FeatureRow | null> {
  const [row] = await db.orm
    .select()
    .from(features)
    .where(and(eq(features.workspace_id, workspace_id), eq(features.id, id)));
  return row ?? null;
}

export async function pageOfFeatures(
  db: Db,
  workspace_id: string,
  page: Page,
  project_id?: string,
): Promise<FeatureRow[]> {
  return db.orm
    .select()
    .from(features)
    .where(
      and(
        eq(features.workspace_id, workspace_id),
        project_id === undefined ? undefined : eq(features.project_id, project_id),
        page.before === null ? undefined : lt(features.id, page.before),
      ),
    )
    .orderBy(desc(features.id))
    .limit(page.limit);
}
