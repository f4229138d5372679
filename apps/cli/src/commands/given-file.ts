/** JSON that a person gives in a file or on standard input. */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Complaint } from "../complaint.ts";
import { EXIT } from "../exit-codes.ts";

/** `-` is standard input. */
export async function readGivenJson(file: string): Promise<unknown> {
  const content = file === "-" ? await text(process.stdin) : await read(file);
  try {
    return JSON.parse(content) as unknown;
  } catch (error) {
    throw new Complaint(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`, EXIT.data);
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Complaint(`${file} cannot be read (${code})`, EXIT.no_input);
  }
}
