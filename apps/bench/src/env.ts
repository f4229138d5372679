/** What the bench reads from its surroundings: only what the programs that it starts inherit. */
import { z } from "zod";

/** Settings of Baton's own must not lead those programs to somebody's real servers or data. */
const OURS = /^(DATABASE_URL|REDIS_URL|BATON_.*)$/;

const schema = z.record(z.string(), z.string().optional());

export const inherited = Object.fromEntries(
  Object.entries(schema.parse({ ...process.env })).filter(([name]) => !OURS.test(name)),
);
