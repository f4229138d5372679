/** The columns and checks that every table shares, so that ids, times and closed lists look the same everywhere. */
import { type AnyPgColumn, check, customType, type SQL, sql, timestamp, uuid } from "../drizzle.ts";

export const id = () => uuid("id").primaryKey();
export const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
export const created_at = () => time("created_at").notNull().defaultNow();
export const updated_at = () => time("updated_at").notNull().defaultNow();

/** A SHA-256 as the 32 bytes it is. */
export const hash = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/** `column in (…)`: the database's copy of a closed list of the domain. */
export function oneOf(name: string, column: AnyPgColumn, values: readonly string[]) {
  return check(name, sql`${column} in (${quoted(values)})`);
}

export function quoted(values: readonly string[]): SQL {
  return sql.raw(values.map((value) => `'${value}'`).join(", "));
}
