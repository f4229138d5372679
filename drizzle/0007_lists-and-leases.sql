DROP INDEX "tasks_run_running";--> statement-breakpoint
DROP INDEX "tasks_project_running";--> statement-breakpoint
CREATE INDEX "tasks_running" ON "tasks" USING btree ("project_id","run_id","stage") WHERE "tasks"."state" = 'running';--> statement-breakpoint
CREATE INDEX "tasks_uncompleted" ON "tasks" USING btree ("workspace_id","id") WHERE "tasks"."state" <> 'completed';