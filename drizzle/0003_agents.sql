CREATE TABLE "plans" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"goal" text NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"epoch" bigint DEFAULT 0 NOT NULL,
	"claim_id" text,
	"token_id" uuid,
	"agent_id" text,
	"lease_ms" integer,
	"lease_expires_at" timestamp (3) with time zone,
	"role_version" integer,
	"prompt_sha256" text,
	"packet" jsonb,
	"reason" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "plans_state" CHECK ("plans"."state" in ('open', 'leased', 'completed', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "role_configs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"role" text NOT NULL,
	"version" integer NOT NULL,
	"definition" jsonb NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "task_messages" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"author" text NOT NULL,
	"text" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"delivered_at" timestamp (3) with time zone,
	"lease_id" uuid
);
--> statement-breakpoint
CREATE TABLE "circuits" (
	"workspace_id" uuid NOT NULL,
	"credential" text NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	"reason" text NOT NULL,
	"opened_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "circuits_workspace_id_credential_pk" PRIMARY KEY("workspace_id","credential")
);
--> statement-breakpoint
CREATE TABLE "stage_pauses" (
	"project_id" uuid NOT NULL,
	"stage" text NOT NULL,
	"reason" text NOT NULL,
	"fault_fingerprint" text,
	"paused_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "stage_pauses_project_id_stage_pk" PRIMARY KEY("project_id","stage"),
	CONSTRAINT "stage_pauses_stage" CHECK ("stage_pauses"."stage" in ('dev', 'qa', 'sec', 'docs'))
);
--> statement-breakpoint
DROP INDEX "tasks_ready";--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "credential" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "role" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "role_version" integer;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "prompt_sha256" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "progress_at" timestamp (3) with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "progress_mark" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "deadline_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "draft" jsonb;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "draft_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "fault_fingerprint" text;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "dev_agent" text;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "capacity" jsonb;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "goal" text;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "weight" smallint DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "triggered" text[] DEFAULT '{"dev","qa","sec","docs"}' NOT NULL;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "budget_usd" numeric(18, 6);--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "over_budget" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "plans" ADD CONSTRAINT "plans_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "role_configs" ADD CONSTRAINT "role_configs_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_messages" ADD CONSTRAINT "task_messages_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "circuits" ADD CONSTRAINT "circuits_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stage_pauses" ADD CONSTRAINT "stage_pauses_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "plans_run" ON "plans" USING btree ("run_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "plans_open" ON "plans" USING btree ("run_id") WHERE "plans"."state" in ('open', 'leased');--> statement-breakpoint
CREATE UNIQUE INDEX "role_configs_version" ON "role_configs" USING btree ("workspace_id","role","version");--> statement-breakpoint
CREATE INDEX "task_messages_task" ON "task_messages" USING btree ("task_id","id");--> statement-breakpoint
CREATE INDEX "task_messages_waiting" ON "task_messages" USING btree ("task_id") WHERE "task_messages"."delivered_at" is null;--> statement-breakpoint
CREATE INDEX "attempts_ended" ON "attempts" USING btree ("stage","ended_at");--> statement-breakpoint
CREATE INDEX "tasks_run_running" ON "tasks" USING btree ("run_id") WHERE "tasks"."state" = 'running';--> statement-breakpoint
CREATE INDEX "tasks_project_running" ON "tasks" USING btree ("project_id","stage") WHERE "tasks"."state" = 'running';--> statement-breakpoint
CREATE INDEX "tasks_ready" ON "tasks" USING btree ("workspace_id","stage","run_id","priority" DESC NULLS LAST,"id") WHERE "tasks"."state" = 'pending' and not "tasks"."held";--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_weight" CHECK ("runs"."weight" between 1 and 100);--> statement-breakpoint
-- Whether a project may have one more lease in the stage. Certain only for whoever has the project locked and looks afterwards.
CREATE FUNCTION has_room(project uuid, asked text, capacity jsonb) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT (
		capacity ->> 'total' IS NULL
		OR (SELECT count(*) FROM tasks WHERE project_id = project AND state = 'running') < (capacity ->> 'total')::int
	) AND (
		capacity ->> asked IS NULL
		OR (
			SELECT count(*) FROM tasks WHERE project_id = project AND stage = asked AND state = 'running'
		) < (capacity ->> asked)::int
	)
$$;
