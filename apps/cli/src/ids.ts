/** Which run, task or project is meant: ids may be cut to a beginning that only one of them has, projects may be called by name. */
import type { Client } from "@baton/client";
import type { ProjectView } from "@baton/domain/api";
import { answered, Complaint } from "./complaint.ts";
import { EXIT } from "./exit-codes.ts";
import { everyPage } from "./pages.ts";
import { cut, plain } from "./plain.ts";

const WHOLE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const BEGINNING = /^[0-9a-f][0-9a-f-]{0,34}$/;
const LEAST = 6;
/** How many are named when it could be several. */
const NAMED = 5;

interface Named {
  id: string;
  /** What a person knows it by. */
  name: string;
}

export async function runId(client: Client, given: string): Promise<string> {
  return idOf("run", given, async (query) => {
    const { items } = answered(await client.call("listRuns", { query }));
    return items.map(({ id, name }) => ({ id, name }));
  });
}

export async function taskId(client: Client, given: string): Promise<string> {
  return idOf("task", given, async (query) => {
    const { items } = answered(await client.call("listTasks", { query }));
    return items.map(({ id, title }) => ({ id, name: title }));
  });
}

export async function featureId(client: Client, given: string): Promise<string> {
  return idOf("feature", given, async (query) => {
    const { items } = answered(await client.call("listFeatures", { query }));
    return items.map(({ id, title }) => ({ id, name: title }));
  });
}

/** A name goes before the beginning of an id: it was chosen by somebody. */
export async function projectId(client: Client, given: string): Promise<string> {
  if (WHOLE.test(given.toLowerCase())) return given.toLowerCase();
  const all = await everyPage<ProjectView>((page) => client.call("listProjects", { query: page }));
  const named = all.filter(({ name }) => name === given);
  const [one] = named;
  if (one !== undefined) return named.length === 1 ? one.id : ambiguous("project", given, named);
  if (!BEGINNING.test(given.toLowerCase())) {
    throw new Complaint(
      `no project is called "${cut(given, 60)}". Next: look it up with "baton project list"`,
      EXIT.no_input,
    );
  }
  return idOf("project", given, async ({ limit, cursor }) => all.filter(({ id }) => id < cursor).slice(0, limit));
}

type Before = (query: { limit: number; cursor: string }) => Promise<Named[]>;

/** Lists go from the newest id down, so that a page that begins behind the last possible id shows who has the beginning. */
async function idOf(what: string, given: string, before: Before): Promise<string> {
  const asked = given.toLowerCase();
  if (WHOLE.test(asked)) return asked;
  const digits = asked.replaceAll("-", "");
  if (!BEGINNING.test(asked) || digits.length > 32) {
    throw new Complaint(`"${cut(given, 60)}" is not the id of a ${what}. Next: copy it from a list`, EXIT.data);
  }
  if (digits.length < LEAST) {
    throw new Complaint(
      `"${given}" is too short for a ${what}: give at least ${LEAST} characters of its id`,
      EXIT.data,
    );
  }
  const cursor = behindAllWith(digits);
  const found = cursor === null ? [] : await before({ limit: NAMED + 1, cursor });
  const candidates = found.filter(({ id }) => id.replaceAll("-", "").startsWith(digits));
  const [one] = candidates;
  if (one === undefined) {
    throw new Complaint(`no ${what} has an id that begins with ${given}. Next: copy it from a list`, EXIT.no_input);
  }
  return candidates.length === 1 ? one.id : ambiguous(what, given, candidates);
}

const LAST = "ffffffffffff7fffbfffffffffffffff";

const VALID = /^.{12}[1-8].{3}[89ab]/;

/** The id after the last of version 7 that begins so; null when none can. */
function behindAllWith(digits: string): string | null {
  const last = digits + LAST.slice(digits.length);
  if (!VALID.test(last)) return null;
  const next = (BigInt(`0x${last}`) + 1n).toString(16).padStart(32, "0");
  // Nobody's random part is nothing but ones.
  return (VALID.test(next) ? next : last).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function ambiguous(what: string, given: string, candidates: readonly Named[]): never {
  const named = candidates.slice(0, NAMED).map(({ id, name }) => `${id} (${cut(plain(name), 30)})`);
  const more = candidates.length > NAMED ? " and more" : "";
  throw new Complaint(
    `"${given}" could be several: ${named.join(", ")}${more}. Next: give the id of the ${what} that is meant`,
    EXIT.data,
  );
}
