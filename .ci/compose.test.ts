/** Holds docker-compose.yml and the Dockerfile against the tree: no engine is needed to see a service that cannot start. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { STAGES } from "@baton/domain";
import { expect, test } from "vitest";
import { parse } from "yaml";

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
}

const ROOT = join(import.meta.dirname, "..");
const compose = parse(readFileSync(join(ROOT, "docker-compose.yml"), "utf8"), { merge: true });
const services: Record<string, Service> = compose.services;
const programs = Object.entries(services).filter(([, service]) => service.image === "baton");
const image = readFileSync(join(ROOT, "Dockerfile"), "utf8");

function service(name: string): Service {
  const found = services[name];
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
}

test.each(programs)("%s runs a program that exists and that the image holds", (_, { command = [], build }) => {
  const [node, program = ""] = command;
  expect([build, node]).toEqual([".", "node"]);
  expect(existsSync(join(ROOT, program)), program).toBe(true);
  expect(copied()).toContain(program.split("/")[0]);
});

test("every stage has a worker of its own", () => {
  const stages = programs.flatMap(([, { environment }]) => environment?.["STAGE"] ?? []);
  expect(stages).toEqual([...STAGES]);
  for (const stage of STAGES) expect(service(`worker-${stage}`).command).toEqual(["node", "apps/worker/src/main.ts"]);
});

test("every program but migrate knows both servers and waits for the migration", () => {
  for (const [, { environment, depends_on }] of programs.filter(([name]) => name !== "migrate")) {
    expect(environment).toMatchObject({ DATABASE_URL: expect.any(String), REDIS_URL: "redis://redis:6379" });
    expect(depends_on).toMatchObject({ migrate: { condition: "service_completed_successfully" } });
  }
});

test("every service that stays has a health check", () => {
  for (const [name, { healthcheck }] of Object.entries(services)) {
    const strings = healthcheck?.test?.every((word) => typeof word === "string");
    expect(healthcheck?.disable === true || strings === true, name).toBe(true);
  }
  expect(service("api").healthcheck?.test?.join(" ")).toContain("/readyz");
});

test("Redis evicts nothing and keeps what it accepted", () => {
  expect(service("redis").command).toEqual(["redis-server", "--maxmemory-policy", "noeviction", "--appendonly", "yes"]);
});

test("the API does not start without an admin token from outside", () => {
  expect(service("api").environment).toMatchObject({ HOST: "0.0.0.0" });
  expect(service("api").environment?.["BATON_ADMIN_TOKEN"]).toMatch(/^\$\{BATON_ADMIN_TOKEN:\?.+\}$/);
});

test("every volume and every service that is named is there", () => {
  for (const { volumes = [], depends_on = {} } of Object.values(services)) {
    for (const volume of volumes) expect(Object.keys(compose.volumes)).toContain(volume.split(":")[0]);
    for (const name of Object.keys(depends_on)) expect(Object.keys(services)).toContain(name);
  }
});

test("the image copies only what exists and does not run as root", () => {
  expect(copied().length).toBeGreaterThan(4);
  for (const source of copied()) expect(existsSync(join(ROOT, source)), source).toBe(true);
  expect(image.lastIndexOf("USER node")).toBeGreaterThan(image.lastIndexOf("RUN "));
});

/** What the Dockerfile takes from the tree. */
function copied(): string[] {
  const lines = image.split("\n").filter((line) => line.startsWith("COPY ") && !line.includes("--from"));
  return lines.flatMap((line) => line.split(" ").slice(1, -1));
}
