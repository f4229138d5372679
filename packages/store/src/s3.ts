/** Content in an S3-compatible bucket: how its address is written, and how a received file gets there. */
import { createReadStream } from "node:fs";
import { S3Client } from "@aws-sdk/client-s3";
import { Disk } from "flydrive";
import { S3Driver } from "flydrive/drivers/s3";
import type { WriteOptions } from "flydrive/types";
import { readS3Url, type S3Address } from "./s3-url.ts";
import type { Shelf } from "./shelf.ts";

export interface S3Credentials {
  access_key_id: string;
  secret_access_key: string;
  session_token?: string | undefined;
}

export interface S3Patience {
  /** Until the answer to a request without content begins. */
  answer_ms: number;
  /** While content flows: how long no byte may move. */
  silence_ms: number;
}

/** Nothing waits for a bucket that does not answer. */
const CONNECT_MS = 5_000;
/** The silence is longer than the minute that the API gives somebody who takes nothing of a download: they end there. */
const PATIENCE: S3Patience = { answer_ms: 30_000, silence_ms: 90_000 };

export function s3Shelf(
  url: string,
  credentials: S3Credentials | undefined,
  { answer_ms, silence_ms }: S3Patience = PATIENCE,
): Shelf {
  const address = readS3Url(url);
  const { bucket, prefix } = address;
  const reads = clientOf(address, credentials, { requestTimeout: answer_ms, socketTimeout: silence_ms });
  // The SDK counts the time of a request until it is answered, with all that is sent: a slow line would never be through.
  const puts = clientOf(address, credentials, { socketTimeout: silence_ms });
  const diskOf = (client: S3Client) =>
    new Disk(new S3Driver({ client, bucket, visibility: "private", supportsACL: false }));
  const put_disk = diskOf(puts);
  return {
    disk: diskOf(reads),
    prefix,
    areas: [prefix || "/"],
    // One PUT of known length: the bucket shows the whole object or none. Put again it mends what was damaged.
    place: ({ temporary, size_bytes }, key) =>
      size_bytes === 0
        ? put_disk.put(key, new Uint8Array(), OPAQUE)
        : putFile(put_disk, key, temporary, { ...OPAQUE, contentLength: size_bytes }),
    close: () => {
      reads.destroy();
      puts.destroy();
    },
  };
}

const OPAQUE = { contentType: "application/octet-stream" };

/** Nobody else lets go of a file whose upload failed: it would stay open, and on the disk though it is deleted. */
async function putFile(disk: Disk, key: string, path: string, options: WriteOptions): Promise<void> {
  const content = createReadStream(path);
  try {
    await disk.putStream(key, content, options);
  } finally {
    content.destroy();
  }
}

function clientOf(
  { endpoint, region }: S3Address,
  credentials: S3Credentials | undefined,
  limits: { requestTimeout?: number; socketTimeout: number },
): S3Client {
  return new S3Client({
    region,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: CONNECT_MS, throwOnRequestTimeout: true, ...limits },
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
}
