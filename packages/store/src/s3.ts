/** Content in an S3-compatible bucket: how its address is written, and how a received file gets there. */
import { createReadStream } from "node:fs";
import { S3Client } from "@aws-sdk/client-s3";
import { Disk } from "flydrive";
import { S3Driver } from "flydrive/drivers/s3";
import { readS3Url } from "./s3-url.ts";
import type { Shelf } from "./shelf.ts";

export interface S3Credentials {
  access_key_id: string;
  secret_access_key: string;
  session_token?: string | undefined;
}

/** Nothing waits for a bucket that does not answer. */
const CONNECT_MS = 5_000;
const SILENCE_MS = 30_000;

export function s3Shelf(url: string, credentials: S3Credentials | undefined): Shelf {
  const { bucket, prefix, endpoint, region } = readS3Url(url);
  const client = new S3Client({
    region,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: SILENCE_MS, throwOnRequestTimeout: true },
    ...(credentials && {
      credentials: {
        accessKeyId: credentials.access_key_id,
        secretAccessKey: credentials.secret_access_key,
        ...(credentials.session_token !== undefined && { sessionToken: credentials.session_token }),
      },
    }),
    // Others than AWS store or refuse the trailers that the newest clients send; we hash everything ourselves.
    ...(endpoint !== undefined && {
      endpoint,
      forcePathStyle: true,
      requestChecksumCalculation: "WHEN_REQUIRED" as const,
      responseChecksumValidation: "WHEN_REQUIRED" as const,
    }),
  });
  const disk = new Disk(new S3Driver({ client, bucket, visibility: "private", supportsACL: false }));
  return {
    disk,
    prefix,
    areas: [prefix || "/"],
    // One PUT of known length: the bucket shows the whole object or none. Put again it mends what was damaged.
    place: ({ temporary, size_bytes }, key) =>
      size_bytes === 0
        ? disk.put(key, new Uint8Array(), OPAQUE)
        : disk.putStream(key, createReadStream(temporary), { ...OPAQUE, contentLength: size_bytes }),
    close: () => client.destroy(),
  };
}

const OPAQUE = { contentType: "application/octet-stream" };
