/** Calls on projects and features. */
import { Nothing } from "../fields.ts";
import * as projects from "../projects.ts";
import { get, patch, post } from "../route.ts";
import { ADMINS, MAKERS, ONCE, ONE } from "./shared.ts";

const project = { ...MAKERS, tag: "projects" } as const;
const stage = {
  ...project,
  ...ADMINS,
  ...ONCE,
  params: projects.StageParams,
  refusals: ["not_found"],
  answers: { 200: projects.StageAnswer },
} as const;
const feature = { ...MAKERS, tag: "features" } as const;

export const projectRoutes = {
  createProject: post("/api/projects", {
    ...project,
    ...ONCE,
    summary: "Make a project of a repository and its settings",
    body: projects.CreateProject,
    answers: { 201: projects.ProjectAnswer },
  }),
  listProjects: get("/api/projects", {
    ...project,
    summary: "List projects",
    query: projects.ListProjects,
    answers: { 200: projects.ProjectList },
  }),
  getProject: get("/api/projects/:id", {
    ...project,
    ...ONE,
    summary: "Look at a project",
    answers: { 200: projects.ProjectAnswer },
  }),
  updateProject: patch("/api/projects/:id", {
    ...project,
    ...ONE,
    ...ONCE,
    summary: "Change a project; settings are replaced as a whole",
    body: projects.UpdateProject,
    answers: { 200: projects.ProjectAnswer },
  }),
  listStages: get("/api/projects/:id/stages", {
    ...project,
    ...ONE,
    summary: "The stages of a project, and which of them are paused",
    answers: { 200: projects.StageList },
  }),
  pauseStage: post("/api/projects/:id/stages/:stage/pause", {
    ...stage,
    summary: "Give out no more leases in a stage of a project",
    body: projects.PauseStage,
  }),
  resumeStage: post("/api/projects/:id/stages/:stage/resume", {
    ...stage,
    summary: "Give out leases in a stage again",
    body: Nothing,
  }),
  createFeature: post("/api/features", {
    ...feature,
    ...ONCE,
    summary: "Write down what a customer wants",
    body: projects.CreateFeature,
    answers: { 201: projects.FeatureAnswer },
    refusals: ["not_found"],
  }),
  listFeatures: get("/api/features", {
    ...feature,
    summary: "List features",
    query: projects.ListFeatures,
    answers: { 200: projects.FeatureList },
  }),
  getFeature: get("/api/features/:id", {
    ...feature,
    ...ONE,
    summary: "Look at a feature",
    answers: { 200: projects.FeatureAnswer },
  }),
};
