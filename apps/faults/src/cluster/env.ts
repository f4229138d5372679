/** What the cluster reads from its surroundings: what its programs inherit, and out of which checkout they are run. */
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** Settings of Baton's own must not lead those programs to somebody's real servers or data. */
const OURS = /^(DATABASE_URL|REDIS_URL|PORT|STAGE|BATON_.*)$/;

const surroundings = z.record(z.string(), z.string().optional()).parse({ ...process.env });

export const inherited = Object.fromEntries(Object.entries(surroundings).filter(([name]) => !OURS.test(name)));

const HERE = fileURLToPath(new URL("../../../../", import.meta.url));

/** BATON_FAULTS_ROOT, else the checkout that this file is in. */
export const default_root = surroundings.BATON_FAULTS_ROOT ?? HERE;
