DROP INDEX "runs_open";--> statement-breakpoint
CREATE INDEX "runs_feature" ON "runs" USING btree ("feature_id","id") WHERE "runs"."feature_id" is not null;--> statement-breakpoint
CREATE INDEX "runs_open" ON "runs" USING btree ("id") WHERE "runs"."state" in ('active', 'paused');