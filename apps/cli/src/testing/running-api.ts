/** A running API for all tests of a file, gone when they are over. */
import { afterAll } from "vitest";
import { type ApiProcess, startApiProcess } from "./api-process.ts";

export async function startApi(settings: Record<string, string> = {}): Promise<ApiProcess> {
  const api = await startApiProcess(settings);
  afterAll(api.end);
  return api;
}
