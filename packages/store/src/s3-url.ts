/** How the address of a bucket is written, and what may not stand in it. */
import { StoreUnfit } from "./faults.ts";

export interface S3Address {
  bucket: string;
  /** Empty or ending with a slash. */
  prefix: string;
  endpoint: string | undefined;
  region: string;
}

/** `s3://bucket/prefix?endpoint=https://…&region=…`. Throws with what is wrong, without repeating the URL. */
export function readS3Url(text: string): S3Address {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== "s3:" || url.hostname === "")
    throw new StoreUnfit("the store's URL must be s3://bucket/prefix");
  if (url.username !== "" || url.password !== "") throw new StoreUnfit("the store's URL must not hold credentials");
  const unknown = [...url.searchParams.keys()].find((name) => name !== "endpoint" && name !== "region");
  if (unknown !== undefined) throw new StoreUnfit("the store's URL takes endpoint and region, nothing else");
  const endpoint = url.searchParams.get("endpoint") ?? undefined;
  if (endpoint !== undefined && !/^https?:\/\//.test(endpoint))
    throw new StoreUnfit("the store's endpoint must be an http URL");
  const path = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, "");
  if (!/^[\w./-]*$/.test(path) || path.split("/").includes(".."))
    throw new StoreUnfit("the store's prefix must be plain");
  const region = url.searchParams.get("region") ?? "us-east-1";
  return { bucket: url.hostname, prefix: path === "" ? "" : `${path}/`, endpoint, region };
}
