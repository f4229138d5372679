/** A stand-in for a model's agent: prints a sample of its format, having read the prompt as the real one does, and may make a change. It is no model, and says so. */
import { readFileSync, writeFileSync } from "node:fs";

/** The sample, and the file to make; then the arguments of the real program. */
const [format = "", change = "", ...args] = process.argv.slice(2);
const sample = new URL(`../../../../../packages/agents/src/outputs/samples/${format}.txt`, import.meta.url);
const file = args[args.indexOf("-i") + 1];
const prompt = readFileSync(args.includes("-i") && file !== undefined ? file : 0, "utf8");
if (!prompt.includes("handoff.json")) throw new Error("this is not the prompt");
if (change !== "") writeFileSync(change, `made by a stand-in, from a prompt of ${prompt.length} characters\n`);
const text = readFileSync(sample, "utf8");
process.stdout.write(text.replace("Slugs keep letters with accents now.", "Slugs: checked by a stand-in, no model."));
if (format.endsWith("-limit")) process.exitCode = 1;
