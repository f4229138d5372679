/** Projects and features on the wire. */
import { z } from "zod";
import { ProjectSettings } from "../settings.ts";
import { Description, Id, listOf, Name, Note, Page, StageName, Time, Title } from "./fields.ts";
import { BranchName, RepositoryUrl } from "./repository.ts";

export const CreateProject = z
  .strictObject({
    name: Name,
    repository_url: RepositoryUrl.nullable().default(null),
    primary_branch: BranchName.default("main"),
    settings: ProjectSettings.prefault({}),
  })
  .meta({ id: "CreateProject" });
export type CreateProject = z.infer<typeof CreateProject>;

/** What is left out stays; `settings` is replaced as a whole. */
export const UpdateProject = z
  .strictObject({
    name: Name.optional(),
    repository_url: RepositoryUrl.nullable().optional(),
    primary_branch: BranchName.optional(),
    settings: ProjectSettings.optional(),
  })
  .refine((change) => Object.keys(change).length > 0, "must change at least one field")
  .meta({ id: "UpdateProject" });
export type UpdateProject = z.infer<typeof UpdateProject>;

export const ProjectView = z
  .object({
    id: Id,
    name: z.string(),
    repository_url: z.string().nullable(),
    primary_branch: z.string(),
    settings: ProjectSettings,
    /** Stages that hosted workers serve; the others are left to pulling agents. */
    hosted_stages: z.array(StageName),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: "Project" });
export type ProjectView = z.infer<typeof ProjectView>;

export const ProjectAnswer = z.object({ project: ProjectView });
export type ProjectAnswer = z.infer<typeof ProjectAnswer>;

export const ListProjects = z.strictObject(Page);
export type ListProjects = z.infer<typeof ListProjects>;
export const ProjectList = listOf(ProjectView);
export type ProjectList = z.infer<typeof ProjectList>;

export const CreateFeature = z
  .strictObject({ project_id: Id, title: Title, description: Description.default("") })
  .meta({ id: "CreateFeature" });
export type CreateFeature = z.infer<typeof CreateFeature>;

export const FeatureView = z
  .object({
    id: Id,
    project_id: Id,
    title: z.string(),
    description: z.string(),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: "Feature" });
export type FeatureView = z.infer<typeof FeatureView>;

export const FeatureAnswer = z.object({ feature: FeatureView });
export type FeatureAnswer = z.infer<typeof FeatureAnswer>;

export const ListFeatures = z.strictObject({ ...Page, project_id: Id.optional() });
export type ListFeatures = z.infer<typeof ListFeatures>;
export const FeatureList = listOf(FeatureView);
export type FeatureList = z.infer<typeof FeatureList>;

export const StageParams = z.strictObject({ id: Id, stage: StageName });

export const PauseStage = z.strictObject({ reason: Note.optional() });
export type PauseStage = z.infer<typeof PauseStage>;

/** A stage of a project: paused, or null where it gives leases. */
export const ProjectStage = z.object({
  stage: StageName,
  paused: z
    .object({
      reason: z.string(),
      /** A token's name; `baton` when the same fault came on several tasks in a row. */
      paused_by: z.string(),
      paused_at: Time,
      fault_fingerprint: z.string().nullable(),
    })
    .nullable(),
});
export type ProjectStage = z.infer<typeof ProjectStage>;

export const StageAnswer = z.object({ stage: ProjectStage });
export type StageAnswer = z.infer<typeof StageAnswer>;

export const StageList = z.object({ items: z.array(ProjectStage) });
export type StageList = z.infer<typeof StageList>;
