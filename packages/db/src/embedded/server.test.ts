/** The embedded server as its users see it: what a first, a second and an unlucky start find. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { withClient } from "./connect.ts";
import { isAlive } from "./process.ts";
import { type EmbeddedServer, startEmbedded } from "./server.ts";

async function start(data_dir: string): Promise<EmbeddedServer> {
  const server = await startEmbedded(data_dir, { settings: { fsync: "off" } });
  onTestFinished(server.stop);
  return server;
}

async function ask(url: string, question: string): Promise<unknown> {
  const { rows } = await withClient(url, (client) => client.query({ text: question, rowMode: "array" }));
  return rows[0]?.[0];
}

/** Some program of the account that runs Postgres: its pid is what a stale pid file may name. */
async function bystander(cluster: string): Promise<number> {
  const { uid, gid } = await stat(cluster);
  const program = spawn("sleep", ["60"], { uid, gid, cwd: "/", stdio: "ignore" });
  onTestFinished(() => void program.kill("SIGKILL"));
  return program.pid ?? 0;
}

test("a first start gives a durable, checksummed UTF-8 database on the loopback alone", async () => {
  const server = await startEmbedded(await temporaryFolder(0o755));
  onTestFinished(server.stop);
  expect(new URL(server.url).hostname).toBe("127.0.0.1");
  expect(await ask(server.url, "select current_database()")).toBe("baton");
  expect(await ask(server.url, "show listen_addresses")).toBe("127.0.0.1");
  expect(await ask(server.url, "show unix_socket_directories")).toBe("");
  expect(await ask(server.url, "show server_encoding")).toBe("UTF8");
  expect(await ask(server.url, "show data_checksums")).toBe("on");
  expect(await ask(server.url, "show fsync")).toBe("on");
  expect(await ask(server.url, "show synchronous_commit")).toBe("on");
});

test("nobody gets in without the password, which only its owner may read", async () => {
  const data_dir = await temporaryFolder(0o755);
  const server = await start(data_dir);
  const wrong = new URL(server.url);
  wrong.password = "guessed";
  await expect(ask(wrong.href, "select 1")).rejects.toThrow("password authentication failed");
  const { mode } = await stat(join(data_dir, "postgres", "password"));
  expect(mode & 0o777).toBe(0o600);
});

test("a second start finds its data at the same address", async () => {
  const data_dir = await temporaryFolder(0o755);
  const first = await start(data_dir);
  await ask(first.url, "create table kept as select 42 as answer");
  await first.stop();
  expect(await isAlive(first.pid)).toBe(false);
  const second = await start(data_dir);
  expect(second.url).toBe(first.url);
  expect(await ask(second.url, "select answer from kept")).toBe(42);
});

test("a server that still lives is adopted, and the adopter can end it", async () => {
  const data_dir = await temporaryFolder(0o755);
  const first = await start(data_dir);
  const second = await start(data_dir);
  expect(second.pid).toBe(first.pid);
  await second.stop();
  await Promise.all([first.gone, second.gone]);
  expect(await isAlive(first.pid)).toBe(false);
});

test("a port somebody else listens on is exchanged for a free one", async () => {
  const data_dir = await temporaryFolder(0o755);
  const first = await start(data_dir);
  await first.stop();
  const port = Number(new URL(first.url).port);
  const holder = createServer().listen(port, "127.0.0.1");
  await once(holder, "listening");
  onTestFinished(() => void holder.close());
  const second = await start(data_dir);
  expect(new URL(second.url).port).not.toBe(String(port));
  expect(await ask(second.url, "select 1")).toBe(1);
});

test("a pid file from before a power cut does not keep the database from starting", async () => {
  const data_dir = await temporaryFolder(0o755);
  const first = await start(data_dir);
  const cluster = join(data_dir, "postgres", "data");
  const pid_file = await readFile(join(cluster, "postmaster.pid"), "utf8");
  await first.stop();
  const pid = await bystander(cluster);
  await writeFile(join(cluster, "postmaster.pid"), pid_file.replace(String(first.pid), String(pid)));
  const second = await start(data_dir);
  expect(await ask(second.url, "select 1")).toBe(1);
  expect(await isAlive(pid)).toBe(true);
});

test("data of another Postgres version is refused and left alone", async () => {
  const data_dir = await temporaryFolder(0o755);
  const cluster = join(data_dir, "postgres", "data");
  await mkdir(cluster, { recursive: true });
  await writeFile(join(cluster, "PG_VERSION"), "17\n");
  await writeFile(join(data_dir, "postgres", "password"), "secret");
  await expect(start(data_dir)).rejects.toThrow(/made by Postgres 17, and this Baton brings Postgres 18/);
  expect(await readdir(cluster)).toEqual(["PG_VERSION"]);
});

test("a password that was cut short is made anew while there is no database, and missed when there is one", async () => {
  const data_dir = await temporaryFolder(0o755);
  const note = join(data_dir, "postgres", "password");
  await mkdir(join(data_dir, "postgres"));
  await writeFile(note, "");
  const server = await start(data_dir);
  expect(await ask(server.url, "select 1")).toBe(1);
  await server.stop();
  await writeFile(note, "");
  await expect(start(data_dir)).rejects.toThrow(/password of the database in .* is missing: .* is not there, or empty/);
});

test("a database whose making was interrupted is made anew", async () => {
  const data_dir = await temporaryFolder(0o755);
  await mkdir(join(data_dir, "postgres", ".initdb-cutoff", "data", "base"), { recursive: true });
  const server = await start(data_dir);
  expect(await ask(server.url, "select 1")).toBe(1);
  await expect(stat(join(data_dir, "postgres", ".initdb-cutoff"))).rejects.toThrow("ENOENT");
});
