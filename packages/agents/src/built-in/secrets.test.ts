/** Which secrets are found in added lines, where, and that no finding repeats one. */
import { expect, test } from "vitest";
import { findSecrets } from "./secrets.ts";

const ALPHABET = "AbC1dEf2GhI3jKl4MnO5pQr6StU7vWx8Yz90AbC1dEf2GhI3jKl4MnO5pQr6StU7vWx8Yz90AbC1dEf2GhI3jKl4";

/** Put together here, so that no scanner takes this file for a leak. */
const SECRETS: Record<string, [string, string]> = {
  AWSAccessKeyID: [`id = "AKIA${ALPHABET.slice(0, 16).toUpperCase()}"`, "AKIA"],
  AWSSecretAccessKey: [`aws_secret_access_key = ${ALPHABET.slice(0, 40)}`, ALPHABET.slice(0, 40)],
  GITHUB_TOKEN: [`token: ghp_${ALPHABET.slice(0, 36)}`, "ghp_"],
  PostgreSQLConnection: ["postgres://user:hunter22pass@db.example.org:5432/app", "hunter22pass"],
  "Google API key": [`key = 'AIza${ALPHABET.slice(0, 35)}'`, "AIza"],
  "JSON web token": [
    `auth ${["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", ALPHABET.slice(0, 43)].join(".")}`,
    "eyJ",
  ],
  "Azure storage key": [`AccountKey=${ALPHABET.slice(0, 86)}==`, ALPHABET.slice(0, 86)],
  "Azure client secret": [`abc8Q~${ALPHABET.slice(0, 34)}`, "8Q~"],
  "Discord webhook": [
    `https://discord.com/api/webhooks/${"1".repeat(18)}/${ALPHABET.slice(0, 68)}`,
    ALPHABET.slice(0, 68),
  ],
  password: ['const password = "hunter2!hunter2";', "hunter2"],
  "private key": [`{"key":"-----BEGIN ${"PRIVATE"} KEY-----\\nMIIE${ALPHABET}"}`, "MIIE"],
};

function added(file: string, text: string, first = 1) {
  return { file, lines: text.split("\n").map((line, at) => ({ number: first + at, text: line })) };
}

test.each(Object.entries(SECRETS))("%s is found in its line and not repeated", async (kind, [text, secret]) => {
  const found = await findSecrets(added("src/a.ts", `first\n${text}`, 10));
  expect(found.map((one) => [one.kind, one.file, one.lines])).toContainEqual([kind, "src/a.ts", [11]]);
  expect(JSON.stringify(found)).not.toContain(secret);
});

test("a comment in the source does not switch the search off", async () => {
  const text = `// secretlint-disable\nghp_${ALPHABET.slice(0, 36)} // secretlint-disable-line`;
  expect(await findSecrets(added("a.js", text))).toMatchObject([{ severity: "critical", lines: [2] }]);
});

test("the same kind in several lines is one entry with all of them", async () => {
  const text = ['password = "hunter2!a"', "", 'password = "hunter2!b"'].join("\n");
  expect(await findSecrets(added("a.py", text))).toEqual([
    { file: "a.py", kind: "password", severity: "high", lines: [1, 3] },
  ]);
});

test.each([
  "const password = process.env.PASSWORD;",
  'password: "${DB_PASSWORD}"',
  'password: "<your password 1>"',
  'PASSWORD="changeme1"',
  'secret: "test-secret-1"',
  '"password": "Passwort vergessen?"',
  'password: "password-input"',
  "-----BEGIN CERTIFICATE-----",
  "AKIA",
  "aws_account_id is not a secret",
])("%s is no secret", async (text) => {
  expect(await findSecrets(added("a.ts", text))).toEqual([]);
});

test("a very long line is searched quickly", async () => {
  const begun = performance.now();
  await findSecrets(added("a.min.js", `${'password="'.repeat(50_000)}${"eyJ".repeat(50_000)}${" = ".repeat(50_000)}`));
  expect(performance.now() - begun).toBeLessThan(5_000);
});
