/** What a transformer is: one text in one format, read and said again in another. */
import type { Parsed } from "../parsed.ts";

/** Gives a JSON value, or, where the other format is a text, a string. What it cannot read it refuses with a reason. */
export type Transformer = (text: string) => Parsed<unknown> | Promise<Parsed<unknown>>;

/** For reports that name files: nothing lies there, so every path stays as the report has it. */
export const NO_WORKTREE = "/nowhere";
