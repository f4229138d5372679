/** What a tool is: how an agent sees it, what goes in and comes out, and the call of the API behind it. */
import type { Client } from "@baton/client";
import type { ProblemView } from "@baton/domain/api";
import type { ToolAnnotations } from "@modelcontextprotocol/server";
import type { z } from "zod";

/** A refusal of the API, or one of our own. */
export type Refusal = Pick<ProblemView, "code" | "detail" | "errors" | "allowed" | "holder" | "retry_after_s">;

/** `next` says in one sentence what to call now. */
export type Told<O> = { ok: true; value: O; next: string } | { ok: false; problem: Refusal };

interface Ask<I> {
  client: Client;
  input: I;
  /** What every call of the API has to be given: it ends with the call of the tool. */
  care: { signal: AbortSignal; idempotency_key: string };
  /** Told of work that goes on though nobody waits for it any more. */
  lasting: (work: Promise<unknown>) => void;
}

interface Shown {
  name: string;
  title: string;
  description: string;
  annotations: Pick<ToolAnnotations, "readOnlyHint" | "idempotentHint">;
  /** The same arguments again get the first answer again. Without it they are a new call. */
  repeats?: true;
}

interface Definition<I extends z.ZodObject, O extends z.ZodObject> extends Shown {
  input: I;
  output: O;
  run(ask: Ask<z.output<I>>): Promise<Told<z.output<O>>>;
}

export interface Tool extends Shown {
  input: z.ZodObject;
  output: z.ZodObject;
  run(ask: Ask<unknown>): Promise<Told<unknown>>;
}

/** From here on the arguments are what the tool's own schema made of them. */
export function tool<const I extends z.ZodObject, const O extends z.ZodObject>(definition: Definition<I, O>): Tool {
  const { run, ...rest } = definition;
  return { ...rest, run: (ask) => run(ask as Ask<z.output<I>>) };
}

type Answered<T> = { ok: true; value: T } | { ok: false; problem: Refusal };

/** The answer of the API as the tool's, or its refusal. */
export function told<T>(answer: Answered<T>, next: string | ((value: T) => string)): Told<T> {
  if (!answer.ok) return answer;
  return { ok: true, value: answer.value, next: typeof next === "string" ? next : next(answer.value) };
}
