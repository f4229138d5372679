ALTER TABLE "outbox" ADD COLUMN "bundle" uuid;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "bundle" uuid;