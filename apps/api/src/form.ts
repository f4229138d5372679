/** A file that comes as multipart/form-data: streamed to whoever takes it, with the fields beside it. What the fields mean is not looked at. */
import type { Readable } from "node:stream";
import { mediaTypeOr, ok, type Result, refused } from "@baton/domain";
import type { Received } from "@baton/pipeline";
import type { Request, Response } from "express";
import multer, { type StorageEngine } from "multer";

export interface TakenForm {
  /** Text, or a list of texts where a name came more than once. */
  fields: Record<string, unknown>;
  file_name: string;
  media_type: string;
  received: Received;
}

interface FileTaker {
  receive(stream: Readable): Promise<Result<Received>>;
  discard(received: Received): Promise<void>;
}

/** Room for the fields and the boundaries around the file. */
export const FORM_BYTES = 1024 * 1024;

const LIMITS = { files: 1, fields: 20, parts: 21, fieldNameSize: 100, fieldSize: 8_000, fieldNestingDepth: 0 };
const FILE = "file";

/**
 * `body` is the request's body, with deadlines of its own. Refused when it is no form with exactly one file in its field
 * `file`, or when the file is refused; nothing is left then.
 */
export async function takeForm(
  request: Request,
  response: Response,
  body: Readable,
  taker: FileTaker,
): Promise<Result<TakenForm>> {
  const engine = engineFor(body, taker);
  const options = { storage: engine, limits: LIMITS, preservePath: true, defParamCharset: "utf8" };
  // The reader of forms wants a request: of ours it needs the headers and a stream that ends in time.
  const asked = Object.assign(body, { headers: request.headers }) as unknown as Request;
  const error = await new Promise<unknown>((resolve) => multer(options).single(FILE)(asked, response, resolve));
  if (engine.broken !== null) throw engine.broken;
  const refusal = engine.refusal ?? (error === undefined || error === null ? null : refusalOf(error));
  if (refusal !== null) return refusal.problem.code === "request_timeout" && request.complete ? CUT : refusal;
  if (engine.received === null || !asked.file) return NO_FILE;
  const { originalname: file_name, mimetype } = asked.file;
  const fields: Record<string, unknown> = { ...(asked.body as object) };
  return ok({ fields, file_name, media_type: mediaTypeOr(mimetype), received: engine.received });
}

const NO_FILE = refused("invalid_request", "The form has no file: send it in the field `file`, with its name.", {
  errors: [{ pointer: "/form/file", detail: "is missing" }],
});

const CUT = refused("invalid_request", "The form ends before its last boundary. Nothing was kept.");

interface Engine extends StorageEngine {
  received: Received | null;
  refusal: ReturnType<typeof refused> | null;
  /** What is no refusal: the store cannot be used. */
  broken: Error | null;
}

function engineFor(body: Readable, { receive, discard }: FileTaker): Engine {
  const engine: Engine = {
    ...{ received: null, refusal: null, broken: null },
    _handleFile: (_request, file, done) => {
      // What comes after an unwanted file is not waited for.
      const stop = () => {
        done(new Error("the file was not taken"));
        body.destroy();
      };
      receive(file.stream).then(
        (taken) => {
          if (taken.ok) engine.received = taken.value;
          else engine.refusal = taken;
          if (taken.ok) done(null, {});
          else stop();
        },
        (error: unknown) => {
          engine.broken = error instanceof Error ? error : new Error(String(error));
          stop();
        },
      );
    },
    _removeFile: (_request, _file, done) => {
      const { received } = engine;
      engine.received = null;
      if (received === null) done(null);
      else discard(received).then(() => done(null), done);
    },
  };
  return engine;
}

function refusalOf(error: unknown): ReturnType<typeof refused> {
  if (!(error instanceof multer.MulterError)) {
    const { message } = error instanceof Error ? error : new Error();
    // The reader's own words for a body that ends early; the rest says what is wrong with the form.
    const broke_off = /^(Request|Unexpected end|nothing arrives|it takes|the caller)/.test(message);
    return broke_off
      ? refused("request_timeout", "The form did not arrive as a whole. Nothing was kept.")
      : refused("invalid_request", "The body is not a form that can be read (multipart/form-data).");
  }
  if (error.code === "LIMIT_UNEXPECTED_FILE" || error.code === "LIMIT_FILE_COUNT") {
    return refused("invalid_request", "A form carries one file, in its field `file`.", {
      errors: [{ pointer: `/form/${error.field?.slice(0, 100).toWellFormed() ?? FILE}`, detail: "is not expected" }],
    });
  }
  return refused("invalid_request", `The form cannot be taken: ${error.message.toLowerCase()}.`);
}
