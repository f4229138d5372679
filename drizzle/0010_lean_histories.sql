ALTER TABLE "attempts" DROP CONSTRAINT "attempts_task_id_tasks_id_fk";
--> statement-breakpoint
ALTER TABLE "events" DROP CONSTRAINT "events_task_id_tasks_id_fk";
--> statement-breakpoint
ALTER TABLE "handoff_packets" DROP CONSTRAINT "handoff_packets_task_id_tasks_id_fk";
--> statement-breakpoint
ALTER TABLE "handoff_packets" DROP CONSTRAINT "handoff_packets_input_source_packet_id_handoff_packets_id_fk";
--> statement-breakpoint
ALTER TABLE "handoff_packets" DROP CONSTRAINT "handoff_packets_previous_version_id_handoff_packets_id_fk";
--> statement-breakpoint
DROP INDEX "attempts_open";--> statement-breakpoint
DROP INDEX "attempts_ended";--> statement-breakpoint
CREATE INDEX "attempts_started" ON "attempts" USING btree ("stage","started_at");--> statement-breakpoint
-- The end of an attempt is written beside its beginning, into no index: there has to be room for it.
ALTER TABLE "attempts" SET (fillfactor = 50);
