/** An open line for tests: a real database of its own, a real queue, and an admin to act as. Nothing in it is a stand-in. */
import { type Database, firstWorkspace, insertProject, insertToken, newId, openDatabase } from "@baton/db";
import { freshDatabase } from "@baton/db/testing";
import {
  capacityOf,
  hostedStages,
  type ProjectSettings,
  type Role,
  ProjectSettings as Settings,
  type Stage,
} from "@baton/domain";
import { type Backend, openProducer, type Producer, prepareQueue } from "@baton/queue";
import type { ArtifactStore } from "@baton/store";
import { storeForTest } from "@baton/store/testing";
import { onTestFinished } from "vitest";
import { type OpenLine, openLine } from "../line.ts";
import type { Principal } from "../principal.ts";

export interface TestLine {
  line: OpenLine;
  db: Database;
  store: ArtifactStore;
  /** Where the store's contents lie. */
  store_folder: string;
  producer: Producer;
  database_url: string;
  backend: Backend;
  admin: Principal;
  /** Errors of work that nobody waited for. */
  errors: unknown[];
}

/** Opens a line that is closed when the test ends. The queue lies in the same database unless a backend is given. */
export async function testLine(given?: Backend): Promise<TestLine> {
  const { url, drop } = await (given ? prepared(given) : clone());
  const backend = given ?? { kind: "postgres", url };
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const db = openDatabase(url, { connections: 6 });
  const producer = openProducer(backend, { onError });
  const { store, folder: store_folder, drop: dropStore } = await storeForTest();
  const line = openLine({ db, store, producer, onError });
  onTestFinished(async () => {
    await line.settle();
    await producer.close();
    await db.close();
    await dropStore();
    await drop();
  });
  const admin = await principal(db, "admin");
  return { line, db, store, store_folder, producer, database_url: url, backend, admin, errors };
}

async function prepared(backend: Backend) {
  await prepareQueue(backend);
  return freshDatabase();
}

let model: Promise<string> | undefined;

/** Making the queue's tables takes longer than most tests: it is done once for a test file. The model goes with the server. */
async function clone() {
  model ??= freshDatabase().then(async ({ url }) => {
    await prepareQueue({ kind: "postgres", url });
    return new URL(url).pathname.slice(1);
  });
  return freshDatabase(await model);
}

/** A token's principal in the first workspace, or in the given one. */
export async function principal(
  db: Database,
  role: Role,
  stages: Stage[] | null = null,
  workspace?: string,
): Promise<Principal> {
  const workspace_id = workspace ?? (await db.transaction(firstWorkspace));
  const name = `${role} ${newId()}`;
  const row = await insertToken(db, { workspace_id, name, role, stages, prefix: "test", hash: newId() });
  return { token_id: row.id, workspace_id, role, stages, name };
}

interface ProjectInput {
  settings?: Partial<ProjectSettings>;
  /** Without a repository all stages are left to pulling agents. */
  repository_url?: string;
}

export async function testProject(
  { db, admin }: Pick<TestLine, "db" | "admin">,
  input: ProjectInput = {},
): Promise<string> {
  const settings = Settings.parse(input.settings ?? {});
  const repository_url = input.repository_url ?? null;
  const row = await insertProject(db, {
    ...{ id: newId(), workspace_id: admin.workspace_id, name: "test", primary_branch: "main" },
    ...{ repository_url, settings, hosted: hostedStages(repository_url, settings), capacity: capacityOf(settings) },
  });
  return row.id;
}
