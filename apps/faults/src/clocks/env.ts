/** How far the clock of this process is to be off, as whoever started it says. */
import { z } from "zod";

export const skew_ms = z.coerce.number().int().default(0).parse(process.env.FAULTS_CLOCK_SKEW_MS);
