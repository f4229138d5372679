/** Projects and features: made, changed, looked at. */
import {
  findFeature,
  findProject,
  insertFeature,
  insertProject,
  lockProject,
  lockRoles,
  newId,
  pageOfFeatures,
  pageOfProjects,
  updateProject as updateRow,
} from "@baton/db";
import { capacityOf, hostedStages, ok, type Result, refused } from "@baton/domain";
import type {
  CreateFeature,
  CreateProject,
  FeatureAnswer,
  FeatureList,
  ListFeatures,
  ListProjects,
  ProjectAnswer,
  ProjectList,
  UpdateProject,
} from "@baton/domain/api";
import { inTransaction, type Line } from "./line.ts";
import { pageOf } from "./page.ts";
import type { Principal } from "./principal.ts";
import { stagesWithCommand } from "./roles.ts";
import { featureView, projectView } from "./views.ts";

const NO_PROJECT = refused("not_found", "There is no such project.");
const NO_FEATURE = refused("not_found", "There is no such feature.");

export async function createProject(line: Line, who: Principal, input: CreateProject): Promise<Result<ProjectAnswer>> {
  const { workspace_id } = who;
  const capacity = capacityOf(input.settings);
  return inTransaction(line, async (tx) => {
    await lockRoles(tx.db, workspace_id, "look");
    const by_role = await stagesWithCommand(tx, workspace_id);
    const hosted = hostedStages(input.repository_url, input.settings, by_role);
    const row = await insertProject(tx.db, { ...input, id: newId(), workspace_id, hosted, capacity });
    return ok({ project: projectView(row) });
  });
}

/** What is left out stays. Tasks already on the line keep the limits they were submitted with. */
export async function updateProject(
  line: Line,
  who: Principal,
  { id, ...change }: UpdateProject & { id: string },
): Promise<Result<ProjectAnswer>> {
  const given = Object.fromEntries(
    Object.entries(change).filter(([, value]) => value !== undefined),
  ) as Partial<CreateProject>;
  return inTransaction(line, async (tx) => {
    await lockRoles(tx.db, who.workspace_id, "look");
    // What follows from the settings is written with them: nobody may change either in between.
    const found = await lockProject(tx.db, who.workspace_id, id);
    if (found === null) return NO_PROJECT;
    const { repository_url, settings } = { ...found, ...given };
    const row = await updateRow(tx.db, who.workspace_id, id, {
      ...given,
      hosted: hostedStages(repository_url, settings, await stagesWithCommand(tx, who.workspace_id)),
      capacity: capacityOf(settings),
    });
    return row === null ? NO_PROJECT : ok({ project: projectView(row) });
  });
}

export async function getProject(line: Line, who: Principal, { id }: { id: string }): Promise<Result<ProjectAnswer>> {
  const row = await findProject(line.db, who.workspace_id, id);
  return row === null ? NO_PROJECT : ok({ project: projectView(row) });
}

export async function listProjects(line: Line, who: Principal, input: ListProjects): Promise<Result<ProjectList>> {
  return ok(await pageOf(input, (page) => pageOfProjects(line.db, who.workspace_id, page), projectView));
}

export async function createFeature(line: Line, who: Principal, input: CreateFeature): Promise<Result<FeatureAnswer>> {
  if ((await findProject(line.db, who.workspace_id, input.project_id)) === null) return NO_PROJECT;
  const row = await insertFeature(line.db, { ...input, id: newId(), workspace_id: who.workspace_id });
  return ok({ feature: featureView(row) });
}

export async function getFeature(line: Line, who: Principal, { id }: { id: string }): Promise<Result<FeatureAnswer>> {
  const row = await findFeature(line.db, who.workspace_id, id);
  return row === null ? NO_FEATURE : ok({ feature: featureView(row) });
}

export async function listFeatures(line: Line, who: Principal, input: ListFeatures): Promise<Result<FeatureList>> {
  return ok(
    await pageOf(input, (page) => pageOfFeatures(line.db, who.workspace_id, page, input.project_id), featureView),
  );
}
