CREATE TABLE "artifact_transfers" (
	"artifact_id" uuid NOT NULL,
	"stage" text NOT NULL,
	"transferred_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"transfer_checksum" text NOT NULL,
	"status" text NOT NULL,
	"contract_id" uuid,
	"schema_valid" boolean,
	CONSTRAINT "artifact_transfers_artifact_id_stage_pk" PRIMARY KEY("artifact_id","stage"),
	CONSTRAINT "artifact_transfers_stage" CHECK ("artifact_transfers"."stage" in ('none', 'dev', 'qa', 'sec', 'docs', 'complete')),
	CONSTRAINT "artifact_transfers_status" CHECK ("artifact_transfers"."status" in ('done'))
);
--> statement-breakpoint
CREATE TABLE "artifacts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"lease_id" uuid NOT NULL,
	"stage" text NOT NULL,
	"visit" integer NOT NULL,
	"epoch" bigint NOT NULL,
	"name" text NOT NULL,
	"media_type" text NOT NULL,
	"checksum" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "artifacts_stage" CHECK ("artifacts"."stage" in ('dev', 'qa', 'sec', 'docs'))
);
--> statement-breakpoint
CREATE TABLE "blobs" (
	"checksum" text PRIMARY KEY NOT NULL,
	"size_bytes" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"used_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "blobs_checksum" CHECK ("blobs"."checksum" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "proofs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"project_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"run_id" uuid,
	"stage" text,
	"lease_id" uuid,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"summary" text NOT NULL,
	"media_type" text NOT NULL,
	"checksum" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"created_by" text NOT NULL,
	"source" text NOT NULL,
	"origin" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "proofs_kind" CHECK ("proofs"."kind" in ('screenshot', 'log', 'report', 'test_result', 'code_diff', 'other')),
	CONSTRAINT "proofs_stage" CHECK ("proofs"."stage" in ('dev', 'qa', 'sec', 'docs')),
	CONSTRAINT "proofs_source" CHECK ("proofs"."source" in ('line', 'agent', 'person'))
);
--> statement-breakpoint
CREATE TABLE "contracts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"project_id" uuid NOT NULL,
	"from_stage" text NOT NULL,
	"to_stage" text NOT NULL,
	"version" integer NOT NULL,
	"definition" jsonb NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "contracts_from" CHECK ("contracts"."from_stage" in ('dev', 'qa', 'sec', 'docs')),
	CONSTRAINT "contracts_to" CHECK ("contracts"."to_stage" in ('none', 'dev', 'qa', 'sec', 'docs', 'complete'))
);
--> statement-breakpoint
CREATE TABLE "feature_rollups" (
	"run_id" uuid NOT NULL,
	"phase" text NOT NULL,
	"mark" integer NOT NULL,
	"packet_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "feature_rollups_run_id_phase_mark_pk" PRIMARY KEY("run_id","phase","mark")
);
--> statement-breakpoint
-- The hash of an event: SHA-256 over the hash of the one before (none before the first) and the event as a JSON array.
-- The same in TypeScript is `eventHash` of the domain's ledger. A database that has events gets their chain here.
CREATE FUNCTION event_hash(
	before bytea, task_id uuid, seq int, type text, from_stage text, from_state text, to_stage text, to_state text,
	charged text, visit int, attempt int, epoch bigint, actor text, at timestamptz, data jsonb
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT sha256(before || convert_to(jsonb_build_array(
		task_id, seq, type, from_stage, from_state, to_stage, to_state, charged, visit, attempt, epoch, actor,
		(extract(epoch FROM at::timestamptz(3)) * 1000)::bigint, data
	)::text, 'utf8'))
$$;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "ledger" "bytea";--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "contract_id" uuid;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "hash" "bytea";--> statement-breakpoint
DO $$
DECLARE
	event events;
	task uuid;
	head bytea;
BEGIN
	FOR event IN SELECT * FROM events ORDER BY task_id, seq LOOP
		IF event.task_id IS DISTINCT FROM task THEN
			task := event.task_id;
			head := '';
		END IF;
		head := event_hash(
			head, event.task_id, event.seq, event.type, event.from_stage, event.from_state, event.to_stage, event.to_state,
			event.charged, event.visit, event.attempt, event.epoch, event.actor, event.at, event.data
		);
		UPDATE events SET hash = head WHERE events.task_id = event.task_id AND events.seq = event.seq;
	END LOOP;
	UPDATE tasks SET ledger = events.hash FROM events WHERE events.task_id = tasks.id AND events.seq = tasks.seq;
END $$;--> statement-breakpoint
ALTER TABLE "tasks" ALTER COLUMN "ledger" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "events" ALTER COLUMN "hash" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "artifact_transfers" ADD CONSTRAINT "artifact_transfers_artifact_id_artifacts_id_fk" FOREIGN KEY ("artifact_id") REFERENCES "public"."artifacts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "artifact_transfers" ADD CONSTRAINT "artifact_transfers_contract_id_contracts_id_fk" FOREIGN KEY ("contract_id") REFERENCES "public"."contracts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "artifacts" ADD CONSTRAINT "artifacts_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "artifacts" ADD CONSTRAINT "artifacts_lease_id_attempts_id_fk" FOREIGN KEY ("lease_id") REFERENCES "public"."attempts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "artifacts" ADD CONSTRAINT "artifacts_checksum_blobs_checksum_fk" FOREIGN KEY ("checksum") REFERENCES "public"."blobs"("checksum") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proofs" ADD CONSTRAINT "proofs_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proofs" ADD CONSTRAINT "proofs_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proofs" ADD CONSTRAINT "proofs_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proofs" ADD CONSTRAINT "proofs_lease_id_attempts_id_fk" FOREIGN KEY ("lease_id") REFERENCES "public"."attempts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proofs" ADD CONSTRAINT "proofs_checksum_blobs_checksum_fk" FOREIGN KEY ("checksum") REFERENCES "public"."blobs"("checksum") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contracts" ADD CONSTRAINT "contracts_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feature_rollups" ADD CONSTRAINT "feature_rollups_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feature_rollups" ADD CONSTRAINT "feature_rollups_packet_id_handoff_packets_id_fk" FOREIGN KEY ("packet_id") REFERENCES "public"."handoff_packets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "artifacts_task" ON "artifacts" USING btree ("task_id","id");--> statement-breakpoint
CREATE INDEX "artifacts_lease" ON "artifacts" USING btree ("lease_id","name","id");--> statement-breakpoint
CREATE INDEX "artifacts_checksum" ON "artifacts" USING btree ("checksum");--> statement-breakpoint
CREATE INDEX "blobs_used" ON "blobs" USING btree ("used_at");--> statement-breakpoint
CREATE UNIQUE INDEX "proofs_origin" ON "proofs" USING btree ("task_id","origin","checksum") WHERE "proofs"."origin" is not null;--> statement-breakpoint
CREATE INDEX "proofs_task" ON "proofs" USING btree ("task_id","id");--> statement-breakpoint
CREATE INDEX "proofs_project" ON "proofs" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "proofs_checksum" ON "proofs" USING btree ("checksum");--> statement-breakpoint
CREATE UNIQUE INDEX "contracts_version" ON "contracts" USING btree ("project_id","from_stage","to_stage","version");--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_contract_id_contracts_id_fk" FOREIGN KEY ("contract_id") REFERENCES "public"."contracts"("id") ON DELETE no action ON UPDATE no action;