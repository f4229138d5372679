/** What a line under test is started with: none of Baton's settings, only what programs need to be found, and to start soon. */
import { COMPILED } from "@baton/db/testing";

export function bareEnvironment(): Record<string, string | undefined> {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, ...COMPILED };
}
