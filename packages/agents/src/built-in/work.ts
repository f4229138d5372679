/** What a built-in stage gives back, in place of the reports an agent would leave. */
import type { Finding } from "@baton/domain";

export interface BuiltInWork {
  summary: string;
  findings: Finding[];
  metrics: Record<string, unknown>;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
