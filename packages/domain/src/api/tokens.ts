/** Tokens and the admin session on the wire. */
import { z } from "zod";
import { ROLES } from "../roles.ts";
import { Id, listOf, Name, Page, StageName, Time } from "./fields.ts";

export const CreateToken = z
  .strictObject({
    name: Name,
    role: z.enum(ROLES),
    /** Stages that an agent's token is limited to; all when left out. */
    stages: z.array(StageName).min(1).max(4).optional(),
  })
  .refine((token) => token.stages === undefined || token.role === "agent", {
    path: ["stages"],
    message: "only an agent's token is limited to stages",
  })
  .meta({ id: "CreateToken" });
export type CreateToken = z.infer<typeof CreateToken>;

export const TokenView = z
  .object({
    id: Id,
    name: z.string(),
    role: z.enum(ROLES),
    stages: z.array(StageName).nullable(),
    /** How the token begins, to tell it from others. */
    prefix: z.string(),
    created_at: Time,
    revoked_at: Time.nullable(),
  })
  .meta({ id: "Token" });
export type TokenView = z.infer<typeof TokenView>;

/** The only answer that holds the token itself. */
export const CreatedToken = TokenView.extend({ token: z.string() }).meta({ id: "CreatedToken" });
export type CreatedToken = z.infer<typeof CreatedToken>;

export const ListTokens = z.strictObject(Page);
export type ListTokens = z.infer<typeof ListTokens>;
export const TokenList = listOf(TokenView);
export type TokenList = z.infer<typeof TokenList>;

export const Login = z.strictObject({ token: z.string().min(1).max(500) });
export type Login = z.infer<typeof Login>;

export const Session = z.object({ name: z.string(), expires_at: Time });
export type Session = z.infer<typeof Session>;
