/** Behind the API: anything at all in its database, for moving time and for seeing that nothing was written. */
import type { Served } from "./served.ts";

let statements = 0;

export async function sql<R extends Record<string, unknown>>(
  { parts }: Served,
  text: string,
  ...values: unknown[]
): Promise<R[]> {
  statements += 1;
  return parts.line.db.run<R>({ name: `behind_${statements}`, text }, values);
}
