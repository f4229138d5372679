/** What a schema found wrong, as faults with JSON pointers. Where the value stood (path, query, body, arguments of a tool) is the caller's to say. */
import type { z } from "zod";

export interface Fault {
  pointer: string;
  detail: string;
}

/** `root` stands before every pointer. */
export function faultsOf(issue: z.core.$ZodIssue, root = ""): Fault[] {
  if (issue.code === "unrecognized_keys") {
    const known = (key: string) => ({
      pointer: root + pointerOf([...issue.path, key]),
      detail: "is not a known field",
    });
    return issue.keys.map(known);
  }
  const missing = issue.code === "invalid_type" && issue.message.endsWith("received undefined");
  return [{ pointer: root + pointerOf(issue.path), detail: missing ? "is missing" : issue.message }];
}

/** RFC 6901. Names come from the caller and may be of any length. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path
    .map((key) => `/${String(key).slice(0, 200).toWellFormed().replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}
