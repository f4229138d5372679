/** The one setting of the migrate program. */
import { z } from "zod";

/** DATABASE_URL, or exit 78 with a line that says what is missing. */
export function databaseUrl(): string {
  const parsed = z.url({ protocol: /^postgres(ql)?$/ }).safeParse(process.env.DATABASE_URL);
  if (parsed.success) return parsed.data;
  console.error("DATABASE_URL must be a postgres:// URL");
  process.exit(78);
}
