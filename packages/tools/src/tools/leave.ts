/** Tools that leave something under a lease: files and findings. Both may be repeated: what is there already is not there twice. */
import { createHash } from "node:crypto";
import { mediaTypeOr } from "@baton/domain";
import { AddFindings, ArtifactAnswer, ArtifactParams, FindingsAnswer } from "@baton/domain/api";
import { z } from "zod";
import { type Refusal, told, tool } from "../tool.ts";
import { HELD } from "./held.ts";

const leaving = { annotations: { readOnlyHint: false, idempotentHint: true } } as const;

/** More does not fit a message. */
const CONTENT_MAX_BYTES = 1024 * 1024;

export const artifactTool = tool({
  ...leaving,
  name: "artifact_put",
  title: "Leave a file",
  description:
    "Leaves a file of up to 1 MB for the next agents and for people: a report, a log, a patch. Give its content as `text` or, for bytes, as `base64`. A newer file of the same name counts in place of the older. Larger files are uploaded with HTTP PUT /api/leases/{lease_id}/artifacts/{name}?epoch={epoch}, the bytes as body, with the same bearer token.",
  input: z.strictObject({
    ...HELD,
    name: ArtifactParams.shape.name.describe("A file name, such as junit.xml; no path"),
    text: z.string().optional().describe("The content, as text"),
    base64: z.base64().optional().describe("The content, as base64, in place of `text`"),
    media_type: z.string().max(255).optional().describe("Such as text/markdown or image/png"),
  }),
  output: ArtifactAnswer,
  run: async ({ client, input: { lease_id, epoch, name, text, base64, media_type }, care }) => {
    if ((text === undefined) === (base64 === undefined)) return { ok: false, problem: EITHER };
    const file = text !== undefined ? Buffer.from(text, "utf8") : Buffer.from(base64 ?? "", "base64");
    if (file.length > CONTENT_MAX_BYTES) return { ok: false, problem: tooLarge(file.length, lease_id, epoch) };
    const type = mediaTypeOr(media_type ?? (text !== undefined ? "text/plain; charset=utf-8" : null));
    const sha256 = createHash("sha256").update(file).digest("hex");
    const call = { params: { id: lease_id, name }, query: { epoch }, file, media_type: type, sha256, ...care };
    return told(await client.call("putArtifact", call), "The file is kept. Go on working.");
  },
});

const EITHER: Refusal = {
  code: "invalid_request",
  detail: "Give the content once, as text or as base64.",
  errors: [{ pointer: "/text", detail: "or base64, and not both" }],
};

function tooLarge(bytes: number, lease_id: string, epoch: number): Refusal {
  const upload = `PUT /api/leases/${lease_id}/artifacts/{name}?epoch=${epoch}`;
  return {
    code: "too_large",
    detail: `The file has ${bytes} bytes; this tool takes 1 MB. Upload it with HTTP: ${upload}.`,
  };
}

export const findingTool = tool({
  ...leaving,
  name: "finding_add",
  title: "Say what is wrong",
  description:
    "Keeps findings as you make them: bugs, weaknesses, anything that is to be fixed. They are handed over with task_complete, also if you break off before. The same finding again is kept once. An open bug, or an open finding that is high or critical, sends the task back to dev. Gives all findings of this attempt.",
  input: z.strictObject({
    ...HELD,
    findings: AddFindings.shape.findings.describe("Each with a title, and what you know of severity, file and line"),
  }),
  output: FindingsAnswer,
  run: async ({ client, input: { lease_id, ...body }, care }) =>
    told(
      await client.call("addFindings", { params: { id: lease_id }, body, ...care }),
      "The findings are kept. Go on working; task_complete hands them over.",
    ),
});
