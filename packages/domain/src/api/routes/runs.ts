/** Calls on runs. */
import { IdParams, Nothing } from "../fields.ts";
import { get, post } from "../route.ts";
import * as runs from "../runs.ts";
import { ADMINS, MAKERS, ONCE, ONE } from "./shared.ts";

const run = { ...MAKERS, tag: "runs" } as const;
const changeRun = {
  ...run,
  ...ONCE,
  params: IdParams,
  body: Nothing,
  answers: { 200: runs.RunAnswer },
  refusals: ["not_found", "run_closed"],
} as const;

export const runRoutes = {
  createRun: post("/api/runs", {
    ...run,
    ...ONCE,
    summary: "Send tasks down the line together",
    body: runs.CreateRun,
    answers: { 201: runs.RunWithTasks },
    refusals: ["not_found", "dependency_invalid"],
  }),
  addTasks: post("/api/runs/:id/tasks", {
    ...changeRun,
    summary: "Add tasks to a run",
    body: runs.AddTasks,
    answers: { 201: runs.AddedTasks },
    refusals: ["not_found", "run_closed", "dependency_invalid"],
  }),
  listRuns: get("/api/runs", { ...run, summary: "List runs", query: runs.ListRuns, answers: { 200: runs.RunList } }),
  getRun: get("/api/runs/:id", { ...run, ...ONE, summary: "Look at a run", answers: { 200: runs.RunAnswer } }),
  taskProgress: get("/api/runs/:id/task-progress", {
    ...run,
    ...ONE,
    summary: "How far the tasks of a run are, and what they cost",
    answers: { 200: runs.ProgressView },
  }),
  pauseRun: post("/api/runs/:id/pause", { ...changeRun, summary: "Give out no more leases" }),
  resumeRun: post("/api/runs/:id/resume", { ...changeRun, summary: "Give out leases again" }),
  killRun: post("/api/runs/:id/kill", {
    ...changeRun,
    summary: "Stop a run for good: its open tasks are cancelled",
    body: runs.KillRun,
    answers: { 200: runs.KilledRun },
  }),
  triggerAgent: post("/api/runs/:id/trigger-agent", {
    ...changeRun,
    summary: "Let hosted workers start on a run in one stage",
    body: runs.TriggerAgent,
  }),
  triggerPipeline: post("/api/runs/:id/trigger-pipeline", {
    ...changeRun,
    summary: "Let hosted workers start on a run in every stage",
  }),
  approveRun: post("/api/runs/:id/approve", {
    ...changeRun,
    ...ADMINS,
    summary: "Approve a run that is ready for commit",
  }),
};
