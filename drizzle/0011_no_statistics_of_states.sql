-- How many tasks are ready changes by the minute, and a plan is used for long. One that was made when few were ready reads all
-- that is open, sorts it and takes the first; without statistics the planner always expects too many for that.
ALTER TABLE "tasks" ALTER COLUMN "state" SET STATISTICS 0, ALTER COLUMN "held" SET STATISTICS 0;--> statement-breakpoint
-- What was gathered so far would stay. Servers before 18 have no way to drop it.
DO $$
BEGIN
	IF to_regprocedure('pg_clear_attribute_stats(text, text, text, boolean)') IS NOT NULL THEN
		PERFORM pg_clear_attribute_stats(current_schema()::text, 'tasks', 'state', false);
		PERFORM pg_clear_attribute_stats(current_schema()::text, 'tasks', 'held', false);
	END IF;
END $$;
