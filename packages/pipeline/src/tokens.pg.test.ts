/** Tokens: kept as a digest, told once, and worth nothing when revoked. */
import { expect, test } from "vitest";
import { AdminTokenUnfit, authenticate, createToken, ensureAdminToken, listTokens, revokeToken } from "./index.ts";
import { testLine } from "./testing/index.ts";
import { sql, valueOf } from "./testing/verbs.ts";

test("a token opens what it was made for, and the database does not know it", async () => {
  const open = await testLine();
  const { token } = valueOf(await createToken(open.line, open.admin, { name: "a", role: "agent", stages: ["qa"] }));
  expect(await authenticate(open.line, token)).toMatchObject({ role: "agent", stages: ["qa"], name: "a" });
  expect(await authenticate(open.line, `${token}x`)).toBe(null);
  expect(JSON.stringify(await sql(open, "select * from api_tokens"))).not.toContain(token);
  expect(JSON.stringify(valueOf(await listTokens(open.line, open.admin, { limit: 50 })))).not.toContain(token);
});

test("a revoked token opens nothing", async () => {
  const open = await testLine();
  const { token, id } = valueOf(await createToken(open.line, open.admin, { name: "a", role: "producer" }));
  expect(await revokeToken(open.line, open.admin, { id })).toMatchObject({ ok: true });
  expect(await authenticate(open.line, token)).toBe(null);
  expect(await revokeToken(open.line, open.admin, { id })).toMatchObject({ ok: false, problem: { code: "not_found" } });
});

test("a list of tokens goes on where it was, though the last one seen was revoked in between", async () => {
  const open = await testLine();
  for (const name of ["a", "b", "c"]) valueOf(await createToken(open.line, open.admin, { name, role: "producer" }));
  const all = valueOf(await listTokens(open.line, open.admin, { limit: 50 })).items;
  const first = valueOf(await listTokens(open.line, open.admin, { limit: 2 }));
  const cursor = first.next_cursor ?? "";
  valueOf(await revokeToken(open.line, open.admin, { id: cursor }));
  const rest = valueOf(await listTokens(open.line, open.admin, { limit: 50, cursor }));
  expect([...first.items, ...rest.items]).toEqual(all);
  expect(rest.next_cursor).toBe(null);
});

test("the first start makes an admin's token, and no later one does", async () => {
  const open = await testLine();
  await sql(open, "update api_tokens set revoked_at = now()");
  const made = await Promise.all([1, 2, 3].map(() => ensureAdminToken(open.line, null)));
  const tokens = made.flatMap(({ token }) => token ?? []);
  expect(tokens).toHaveLength(1);
  expect(await authenticate(open.line, tokens[0] ?? "")).toMatchObject({ role: "admin" });
  expect(await ensureAdminToken(open.line, null)).toEqual({ token: null });
});

test("an admin's token that cannot be kept is not made, and the next start makes one", async () => {
  const open = await testLine();
  await sql(open, "update api_tokens set revoked_at = now()");
  const full = () => Promise.reject(new Error("the disk is full"));
  await expect(ensureAdminToken(open.line, null, full)).rejects.toThrow("the disk is full");
  const kept: string[] = [];
  const { token } = await ensureAdminToken(open.line, null, async (made) => void kept.push(made));
  expect(kept).toEqual([token]);
  expect(await authenticate(open.line, token ?? "")).toMatchObject({ role: "admin" });
});

test("a wanted admin's token is made once, however many start with it", async () => {
  const open = await testLine();
  const wanted = "baton_admin_wanted-by-the-operator";
  await Promise.all([1, 2, 3].map(() => ensureAdminToken(open.line, wanted)));
  expect(await authenticate(open.line, wanted)).toMatchObject({ role: "admin" });
  expect(await sql(open, "select count(*) from api_tokens where name = 'admin'")).toEqual([{ count: 1 }]);
});

test.each(["admin", "producer", "agent"] as const)(
  "a wanted admin's token that was revoked, or is not an admin's, is refused in plain words: here a token of role %s",
  async (role) => {
    const open = await testLine();
    const { token, id } = valueOf(await createToken(open.line, open.admin, { name: "a", role }));
    const starting = async () =>
      ensureAdminToken(open.line, token).catch((error: unknown) =>
        error instanceof AdminTokenUnfit ? error.message : error,
      );
    const not_admins = `The token in BATON_ADMIN_TOKEN is not an admin's: its role is ${role}. ${OTHER}`;
    expect(await starting()).toEqual(role === "admin" ? { token: null } : not_admins);
    expect(await authenticate(open.line, token)).toMatchObject({ role });
    valueOf(await revokeToken(open.line, open.admin, { id }));
    expect(await starting()).toBe(`The token in BATON_ADMIN_TOKEN was revoked. ${OTHER}`);
    expect(await authenticate(open.line, token)).toBe(null);
  },
);

const OTHER = "Set BATON_ADMIN_TOKEN to another one.";
