-- How many tasks are ready changes by the minute, and a plan is used for long. To one that was made with statistics of a moment
-- when few were ready, reading all that is open, sorting it and taking the first looked cheapest. Without statistics of its own
-- it goes by the index that has them in order.
ALTER TABLE "tasks" ALTER COLUMN "state" SET STATISTICS 0, ALTER COLUMN "held" SET STATISTICS 0;--> statement-breakpoint
-- What was gathered so far would stay. Servers before 18 forget it only with the type of the column, which writes some indexes anew.
DO $$
BEGIN
	IF to_regprocedure('pg_clear_attribute_stats(text, text, text, boolean)') IS NOT NULL THEN
		PERFORM pg_clear_attribute_stats(current_schema()::text, 'tasks', 'state', false);
		PERFORM pg_clear_attribute_stats(current_schema()::text, 'tasks', 'held', false);
	ELSE
		ALTER TABLE "tasks" ALTER COLUMN "state" TYPE text, ALTER COLUMN "held" TYPE boolean;
	END IF;
END $$;
