/** The answer to every refused request: application/problem+json (RFC 9457). Its codes are the closed set of `errors.ts`. */
import { z } from "zod";
import { ERRORS, type ErrorCode } from "../errors.ts";
import { Time } from "./fields.ts";

const CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

export const ProblemView = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(CODES),
    /** Where in the request, as JSON pointers. */
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
    /** Commands that are allowed instead. */
    allowed: z.array(z.string()).optional(),
    holder: z.object({ agent_id: z.string(), last_heartbeat_at: Time, alive: z.boolean() }).optional(),
    retry_after_s: z.number().optional(),
    request_id: z.string().optional(),
  })
  .meta({ id: "Problem" });
export type ProblemView = z.infer<typeof ProblemView>;
