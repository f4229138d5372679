CREATE TABLE "api_tokens" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"stages" text[],
	"prefix" text NOT NULL,
	"hash" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "api_tokens_role" CHECK ("api_tokens"."role" in ('admin', 'producer', 'agent'))
);
--> statement-breakpoint
CREATE TABLE "workspaces" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "features" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"project_id" uuid NOT NULL,
	"title" text NOT NULL,
	"description" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "projects" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"name" text NOT NULL,
	"repository_url" text,
	"primary_branch" text NOT NULL,
	"settings" jsonb NOT NULL,
	"hosted" text[] NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"project_id" uuid NOT NULL,
	"feature_id" uuid,
	"name" text NOT NULL,
	"state" text DEFAULT 'active' NOT NULL,
	"approval" text NOT NULL,
	"reason" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "runs_state" CHECK ("runs"."state" in ('active', 'paused', 'ready_for_commit', 'completed', 'failed', 'killed')),
	CONSTRAINT "runs_finished" CHECK (("runs"."finished_at" is not null) = ("runs"."state" in ('completed', 'failed', 'killed')))
);
--> statement-breakpoint
CREATE TABLE "task_dependencies" (
	"task_id" uuid NOT NULL,
	"depends_on_id" uuid NOT NULL,
	CONSTRAINT "task_dependencies_task_id_depends_on_id_pk" PRIMARY KEY("task_id","depends_on_id"),
	CONSTRAINT "task_dependencies_self" CHECK ("task_dependencies"."task_id" <> "task_dependencies"."depends_on_id")
);
--> statement-breakpoint
CREATE TABLE "task_specs" (
	"task_id" uuid PRIMARY KEY NOT NULL,
	"run_id" uuid NOT NULL,
	"title" text NOT NULL,
	"description" text NOT NULL,
	"acceptance_criteria" jsonb NOT NULL,
	"finding_fingerprint" text,
	"found_in_task_id" uuid
);
--> statement-breakpoint
CREATE TABLE "tasks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"project_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"stage" text NOT NULL,
	"state" text NOT NULL,
	"held" boolean DEFAULT false NOT NULL,
	"priority" smallint NOT NULL,
	"visit" integer DEFAULT 1 NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"epoch" bigint DEFAULT 0 NOT NULL,
	"seq" integer DEFAULT 1 NOT NULL,
	"failures" smallint DEFAULT 0 NOT NULL,
	"crashes" smallint DEFAULT 0 NOT NULL,
	"rejections" smallint DEFAULT 0 NOT NULL,
	"max_failures" smallint NOT NULL,
	"max_crashes" smallint NOT NULL,
	"max_rejections" smallint NOT NULL,
	"due_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"lease_id" uuid,
	"lease_expires_at" timestamp (3) with time zone,
	"block_kind" text,
	"block_reason" text,
	"block_until" timestamp (3) with time zone,
	"packet_id" uuid,
	"dispatch" integer DEFAULT 1 NOT NULL,
	"dispatched_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "tasks_stage" CHECK ("tasks"."stage" in ('none', 'dev', 'qa', 'sec', 'docs', 'complete')),
	CONSTRAINT "tasks_state" CHECK ("tasks"."state" in ('pending', 'running', 'blocked', 'completed', 'failed', 'cancelled')),
	CONSTRAINT "tasks_block_kind" CHECK ("tasks"."block_kind" in ('dependency', 'needs_input', 'approval', 'quota')),
	CONSTRAINT "tasks_priority" CHECK ("tasks"."priority" between 0 and 10),
	CONSTRAINT "tasks_finished" CHECK (("tasks"."finished_at" is not null) = ("tasks"."state" in ('completed', 'failed', 'cancelled'))),
	CONSTRAINT "tasks_completed" CHECK (("tasks"."stage" = 'complete') = ("tasks"."state" = 'completed')),
	CONSTRAINT "tasks_leased" CHECK (("tasks"."state" = 'running') = ("tasks"."lease_id" is not null and "tasks"."lease_expires_at" is not null)),
	CONSTRAINT "tasks_blocked" CHECK (("tasks"."state" = 'blocked') = ("tasks"."block_kind" is not null)),
	CONSTRAINT "tasks_limits" CHECK ("tasks"."failures" <= "tasks"."max_failures" and "tasks"."crashes" <= "tasks"."max_crashes" and "tasks"."rejections" <= "tasks"."max_rejections" + 1)
);
--> statement-breakpoint
CREATE TABLE "attempts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"stage" text NOT NULL,
	"visit" integer NOT NULL,
	"attempt" integer NOT NULL,
	"epoch" bigint NOT NULL,
	"claim_id" text NOT NULL,
	"token_id" uuid,
	"agent_id" text NOT NULL,
	"agent_kind" text,
	"agent_model" text,
	"agent_version" text,
	"lease_ms" integer NOT NULL,
	"started_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"heartbeat_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"outcome" text,
	"fault" text,
	"message" text,
	"tokens_in" bigint,
	"tokens_out" bigint,
	"cost_usd" numeric(18, 6),
	"model" text,
	"progress" text,
	CONSTRAINT "attempts_stage" CHECK ("attempts"."stage" in ('dev', 'qa', 'sec', 'docs')),
	CONSTRAINT "attempts_outcome" CHECK ("attempts"."outcome" in ('pass', 'reject', 'fail', 'block', 'release', 'expire', 'cancel')),
	CONSTRAINT "attempts_fault" CHECK ("attempts"."fault" in ('task', 'worker', 'provider', 'environment', 'contract')),
	CONSTRAINT "attempts_ended" CHECK (("attempts"."ended_at" is null) = ("attempts"."outcome" is null))
);
--> statement-breakpoint
CREATE TABLE "findings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"packet_id" uuid NOT NULL,
	"stage" text NOT NULL,
	"fingerprint" text NOT NULL,
	"kind" text NOT NULL,
	"title" text NOT NULL,
	"description" text NOT NULL,
	"severity" text NOT NULL,
	"priority" smallint NOT NULL,
	"status" text NOT NULL,
	"file" text,
	"line" integer,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "findings_kind" CHECK ("findings"."kind" in ('bug', 'vulnerability', 'finding')),
	CONSTRAINT "findings_severity" CHECK ("findings"."severity" in ('critical', 'high', 'medium', 'low', 'info'))
);
--> statement-breakpoint
CREATE TABLE "handoff_packets" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"feature_id" uuid,
	"task_id" uuid,
	"phase" text NOT NULL,
	"version" integer NOT NULL,
	"status" text NOT NULL,
	"agent_id" text NOT NULL,
	"agent_type" text NOT NULL,
	"agent_name" text NOT NULL,
	"started_at" timestamp (3) with time zone,
	"completed_at" timestamp (3) with time zone,
	"duration_ms" bigint,
	"cost_tokens_in" bigint,
	"cost_tokens_out" bigint,
	"cost_usd" numeric(18, 6),
	"input_source_phase" text,
	"input_source_packet_id" uuid,
	"input_context" jsonb NOT NULL,
	"output_summary" text NOT NULL,
	"output_artifacts" jsonb NOT NULL,
	"output_decisions" jsonb NOT NULL,
	"output_metrics" jsonb NOT NULL,
	"previous_version_id" uuid,
	"rejection_reason" text,
	"diff_from_previous" jsonb,
	"activity_log" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "handoff_packets_status" CHECK ("handoff_packets"."status" in ('completed', 'in_progress', 'rejected')),
	CONSTRAINT "handoff_packets_owner" CHECK (("handoff_packets"."task_id" is null) <> ("handoff_packets"."feature_id" is null)),
	CONSTRAINT "handoff_packets_times" CHECK ("handoff_packets"."completed_at" >= "handoff_packets"."started_at")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"workspace_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"type" text NOT NULL,
	"from_stage" text NOT NULL,
	"from_state" text NOT NULL,
	"to_stage" text NOT NULL,
	"to_state" text NOT NULL,
	"charged" text NOT NULL,
	"visit" integer NOT NULL,
	"attempt" integer NOT NULL,
	"epoch" bigint NOT NULL,
	"actor" text NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"data" jsonb NOT NULL,
	CONSTRAINT "events_task_id_seq_pk" PRIMARY KEY("task_id","seq"),
	CONSTRAINT "events_type" CHECK ("events"."type" in ('submitted', 'claimed', 'passed', 'rejected', 'attempt_failed', 'expired', 'released', 'blocked', 'unblocked', 'advanced', 'sent_back', 'stage_set', 'cancelled', 'reopened')),
	CONSTRAINT "events_state_edge" CHECK ("events"."from_state" || '>' || "events"."to_state" in ('blocked>cancelled', 'blocked>completed', 'blocked>failed', 'blocked>pending', 'cancelled>pending', 'completed>pending', 'failed>pending', 'new>blocked', 'new>pending', 'pending>cancelled', 'pending>completed', 'pending>failed', 'pending>pending', 'pending>running', 'running>blocked', 'running>cancelled', 'running>completed', 'running>failed', 'running>pending')),
	CONSTRAINT "events_stage_edge" CHECK ("events"."from_stage" || '>' || "events"."to_stage" in ('complete>dev', 'complete>docs', 'complete>qa', 'complete>sec', 'dev>dev', 'dev>docs', 'dev>qa', 'dev>sec', 'docs>complete', 'docs>dev', 'docs>docs', 'docs>qa', 'docs>sec', 'none>dev', 'qa>dev', 'qa>docs', 'qa>qa', 'qa>sec', 'sec>dev', 'sec>docs', 'sec>qa', 'sec>sec'))
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"token_id" uuid NOT NULL,
	"route" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"status" smallint NOT NULL,
	"body" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_token_id_route_key_pk" PRIMARY KEY("token_id","route","key")
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"task_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"stage" text NOT NULL,
	"visit" integer NOT NULL,
	"dispatch" integer NOT NULL,
	"not_before" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "outbox_stage" CHECK ("outbox"."stage" in ('dev', 'qa', 'sec', 'docs'))
);
--> statement-breakpoint
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "features" ADD CONSTRAINT "features_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "features" ADD CONSTRAINT "features_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "projects" ADD CONSTRAINT "projects_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_feature_id_features_id_fk" FOREIGN KEY ("feature_id") REFERENCES "public"."features"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_dependencies" ADD CONSTRAINT "task_dependencies_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_dependencies" ADD CONSTRAINT "task_dependencies_depends_on_id_tasks_id_fk" FOREIGN KEY ("depends_on_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_specs" ADD CONSTRAINT "task_specs_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "findings" ADD CONSTRAINT "findings_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "findings" ADD CONSTRAINT "findings_packet_id_handoff_packets_id_fk" FOREIGN KEY ("packet_id") REFERENCES "public"."handoff_packets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handoff_packets" ADD CONSTRAINT "handoff_packets_feature_id_features_id_fk" FOREIGN KEY ("feature_id") REFERENCES "public"."features"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handoff_packets" ADD CONSTRAINT "handoff_packets_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handoff_packets" ADD CONSTRAINT "handoff_packets_input_source_packet_id_handoff_packets_id_fk" FOREIGN KEY ("input_source_packet_id") REFERENCES "public"."handoff_packets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handoff_packets" ADD CONSTRAINT "handoff_packets_previous_version_id_handoff_packets_id_fk" FOREIGN KEY ("previous_version_id") REFERENCES "public"."handoff_packets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "api_tokens_hash" ON "api_tokens" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "api_tokens_workspace" ON "api_tokens" USING btree ("workspace_id","id") WHERE "api_tokens"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX "features_workspace" ON "features" USING btree ("workspace_id","id");--> statement-breakpoint
CREATE INDEX "projects_workspace" ON "projects" USING btree ("workspace_id","id");--> statement-breakpoint
CREATE INDEX "runs_workspace" ON "runs" USING btree ("workspace_id","id");--> statement-breakpoint
CREATE INDEX "runs_open" ON "runs" USING btree ("id") WHERE "runs"."state" = 'active';--> statement-breakpoint
CREATE INDEX "task_dependencies_on" ON "task_dependencies" USING btree ("depends_on_id");--> statement-breakpoint
CREATE UNIQUE INDEX "task_specs_finding" ON "task_specs" USING btree ("run_id","finding_fingerprint") WHERE "task_specs"."finding_fingerprint" is not null;--> statement-breakpoint
CREATE INDEX "tasks_ready" ON "tasks" USING btree ("workspace_id","stage","priority" DESC NULLS LAST,"id") WHERE "tasks"."state" = 'pending' and not "tasks"."held";--> statement-breakpoint
CREATE INDEX "tasks_dispatched" ON "tasks" USING btree ("dispatched_at","id") WHERE "tasks"."state" = 'pending' and not "tasks"."held";--> statement-breakpoint
CREATE INDEX "tasks_leases" ON "tasks" USING btree ("lease_expires_at") WHERE "tasks"."state" = 'running';--> statement-breakpoint
CREATE INDEX "tasks_waiting" ON "tasks" USING btree ("block_kind","id") WHERE "tasks"."state" = 'blocked';--> statement-breakpoint
CREATE INDEX "tasks_run" ON "tasks" USING btree ("run_id","id");--> statement-breakpoint
CREATE INDEX "tasks_run_open" ON "tasks" USING btree ("run_id") WHERE "tasks"."state" not in ('completed', 'failed', 'cancelled');--> statement-breakpoint
CREATE INDEX "tasks_workspace" ON "tasks" USING btree ("workspace_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "attempts_epoch" ON "attempts" USING btree ("task_id","epoch");--> statement-breakpoint
CREATE UNIQUE INDEX "attempts_open" ON "attempts" USING btree ("task_id") WHERE "attempts"."ended_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "attempts_claim" ON "attempts" USING btree ("workspace_id","claim_id");--> statement-breakpoint
CREATE UNIQUE INDEX "findings_once" ON "findings" USING btree ("packet_id","fingerprint");--> statement-breakpoint
CREATE INDEX "findings_task" ON "findings" USING btree ("task_id");--> statement-breakpoint
CREATE UNIQUE INDEX "handoff_packets_task" ON "handoff_packets" USING btree ("task_id","phase","version") WHERE "handoff_packets"."task_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "handoff_packets_feature" ON "handoff_packets" USING btree ("feature_id","phase","version") WHERE "handoff_packets"."feature_id" is not null;--> statement-breakpoint
CREATE INDEX "idempotency_keys_age" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("not_before");