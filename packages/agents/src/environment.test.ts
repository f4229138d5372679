/** What reaches a program from the worker's own environment, and what an attempt adds. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { normaliseFinding } from "@baton/domain";
import { expect, test } from "vitest";
import { gitEnvironment, programEnvironment } from "./environment.ts";
import { gitIn, makeAssignment, makePacket, makeRepository, makeSurroundings, openFolder, run } from "./testing.ts";
import { workAttempt } from "./work-attempt.ts";

const WORKER = {
  PATH: "/bin",
  HOME: "/home/me",
  ANTHROPIC_API_KEY: "k",
  BATON_ADMIN_TOKEN: "t",
  BATON_DATA_DIR: "d",
  DATABASE_URL: "p",
  REDIS_URL: "r",
  ARTIFACT_STORE_URL: "s",
  STAGE: "qa",
  PORT: "3000",
  HOST: "::",
  GIT_DIR: "/elsewhere/.git",
  GIT_INDEX_FILE: "i",
  UNSET: undefined,
};

test("a program gets the worker's environment without what is ours and what ties git elsewhere", () => {
  expect(programEnvironment(WORKER, { BATON_STAGE: "dev" })).toEqual({
    PATH: "/bin",
    HOME: "/home/me",
    ANTHROPIC_API_KEY: "k",
    BATON_STAGE: "dev",
  });
});

test("the keys of the artifact store's bucket reach no program; keys that are for something else do", () => {
  const keys = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key", AWS_SESSION_TOKEN: "session" };
  const elsewhere = { ...keys, AWS_REGION: "eu-west-1" };
  const in_bucket = { ...elsewhere, ARTIFACT_STORE_URL: "s3://bucket/baton" };
  expect(programEnvironment(in_bucket, {})).toEqual({ AWS_REGION: "eu-west-1" });
  expect(programEnvironment(elsewhere, {})).toEqual(elsewhere);
});

test("our git asks nobody and keeps the operator's way of reaching a server", () => {
  const env = gitEnvironment({ ...WORKER, GIT_SSH_COMMAND: "my-ssh" });
  expect(env).toMatchObject({
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "",
    GIT_SSH_COMMAND: "my-ssh",
    GIT_AUTHOR_NAME: "Baton",
  });
  expect(env).not.toHaveProperty("GIT_DIR");
});

test("a filter that an agent has set gets nothing of ours from our git", async () => {
  const folder = openFolder();
  const repository = makeRepository(folder);
  const seen = join(folder, "seen.txt");
  const filter = `git config filter.look.clean 'env >> ${seen}; cat'; echo '*.txt filter=look' > .gitattributes`;
  const assignment = makeAssignment({ repository, settings: run("dev", `${filter}; echo x > y.txt`) });
  const surroundings = makeSurroundings(folder);
  const secrets = { DATABASE_URL: "s3cret", BATON_ADMIN_TOKEN: "s3cret", AWS_SECRET_ACCESS_KEY: "s3cret" };
  const env = { ...surroundings.env, ...secrets, ARTIFACT_STORE_URL: "s3://bucket", OWN: "kept" };
  expect(await workAttempt(assignment, { ...surroundings, env })).toMatchObject({ outcome: "done" });
  expect(readFileSync(seen, "utf8")).toContain("OWN=kept");
  expect(readFileSync(seen, "utf8")).not.toMatch(/s3cret|s3:/);
});

test("an agent finds its task, its packet with the findings inside, and an empty folder to leave things in", async () => {
  const folder = openFolder();
  const repository = makeRepository(folder);
  const look = `env | grep ^BATON_ | sort > env.txt; cp "$BATON_PACKET" packet.txt; ls -A "$BATON_OUT" > out.txt; cat > prompt.txt`;
  const assignment = makeAssignment({ repository, settings: run("dev", look) });
  const findings = [normaliseFinding({ title: "broken" }, "bug")];
  const packet = makePacket("qa");
  const surroundings = makeSurroundings(folder);
  const env = { ...surroundings.env, BATON_ADMIN_TOKEN: "secret" };
  const result = await workAttempt(
    { ...assignment, packet, findings, prompt: "Add a greeting." },
    { ...surroundings, env },
  );
  if (result.outcome !== "done") throw new Error(JSON.stringify(result));
  const left = (name: string) => gitIn(repository, "show", `${result.commit}:${name}`);
  const { lease } = assignment;
  const out = join(surroundings.data_dir, "attempts", lease.id, "out");
  expect(left("env.txt")).toBe(
    [
      `BATON_OUT=${out}`,
      `BATON_PACKET=${join(out, "../packet.json")}`,
      "BATON_STAGE=dev",
      `BATON_TASK_ID=${lease.task_id}`,
      "BATON_VISIT=1",
    ].join("\n"),
  );
  expect(JSON.parse(left("packet.txt"))).toEqual({ ...packet, findings });
  expect(left("out.txt")).toBe("");
  expect(left("prompt.txt")).toContain("Add a greeting");
});

test("before there is a packet the file holds the word null", async () => {
  const folder = openFolder();
  const repository = makeRepository(folder);
  const copy = join(folder, "packet");
  await workAttempt(
    makeAssignment({ repository, settings: run("dev", `cp "$BATON_PACKET" ${copy}`) }),
    makeSurroundings(folder),
  );
  expect(readFileSync(copy, "utf8")).toBe("null");
});
