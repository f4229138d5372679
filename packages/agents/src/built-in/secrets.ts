/** Looks for secrets in added lines. Says what kind of secret lies where; never repeats the secret. */

import { setImmediate as pause } from "node:timers/promises";
import type { Severity } from "@baton/domain";
import { lintSource } from "@secretlint/core";
import { creator as patternRule } from "@secretlint/secretlint-rule-pattern";
import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import { type AddedLines, type Line, windowsOf } from "./added-lines.ts";

export interface Secret {
  file: string;
  kind: string;
  severity: Severity;
  lines: number[];
}

/** What the recommended rules miss. The name of a pattern is the kind that a finding shows. */
const PATTERNS: Record<string, string> = {
  "private key": "/-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/g",
  "Google API key": "/(?<![\\w-])AIza[\\w-]{35}(?![\\w-])/g",
  "JSON web token": "/(?<![\\w-])eyJ[\\w-]{10,}\\.eyJ[\\w-]{10,}\\.[\\w-]{10,}/g",
  "Azure storage key": "/AccountKey=[A-Za-z0-9+\\/]{86}==/g",
  "Azure client secret": "/(?<![\\w~.-])[\\w~.-]{3}8Q~[\\w~.-]{31,34}(?![\\w~.-])/g",
  "Discord webhook": "/https:\\/\\/(?:\\w+\\.)?discord(?:app)?\\.com\\/api\\/webhooks\\/\\d{15,22}\\/[\\w-]{50,90}/g",
  password:
    "/(?:passw(?:or)?d|passphrase|pwd|secret|(?:api|access|private|auth)[_-]?(?:key|token))[\"']?\\s*(?::=|=>|[:=])\\s*[\"'`](?=[^\"'`]*[0-9!@#$%^&*+=~?])[^\"'`\\s]{6,}[\"'`]/gi",
};

/** Values that stand for a password and are none. */
const PLACEHOLDERS =
  "/[\"'`](?:example|change|placeholder|dummy|your|xxx|test|fake|sample|todo|redacted|\\*{3}|<|\\$\\{|\\$\\(|\\{\\{|%|#\\{)[^\"'`]*[\"'`]$/i";

/** Wide patterns that now and then hit something harmless weigh less; an account's number is no secret at all. */
const WEIGHT: Record<string, Severity> = {
  password: "high",
  "JSON web token": "high",
  BasicAuth: "high",
  AWSAccountID: "low",
};

type CoreConfig = Parameters<typeof lintSource>[0]["options"]["config"];

// The rules one by one instead of their preset: the preset obeys comments in the source that switch it off.
const CONFIG = {
  rules: [
    ...rules
      .filter((rule) => !rule.meta.id.endsWith("filter-comments"))
      .map((rule) => ({
        id: rule.meta.id,
        rule,
        options: rule.meta.id.endsWith("-aws") ? { enableIDScanRule: true } : {},
      })),
    ...Object.entries(PATTERNS).map(([name, pattern]) => ({
      id: name,
      rule: patternRule,
      options: { patterns: [{ name, patterns: [pattern], allows: name === "password" ? [PLACEHOLDERS] : [] }] },
    })),
  ],
} as unknown as CoreConfig;

export async function findSecrets({ file, lines }: AddedLines): Promise<Secret[]> {
  const byKind = new Map<string, Set<number>>();
  for (const window of windowsOf(lines)) {
    for (const { kind, number } of await search(file, window))
      byKind.set(kind, (byKind.get(kind) ?? new Set()).add(number));
    // The search does not pause by itself, and the lease has to be kept alive meanwhile.
    await pause();
  }
  // The rule for whole keys and the pattern for their first line see the same key.
  if (byKind.has("private key")) byKind.delete("PrivateKey");
  return [...byKind].map(([kind, numbers]) => ({
    file,
    kind,
    severity: WEIGHT[kind] ?? "critical",
    lines: [...numbers],
  }));
}

async function search(file: string, lines: readonly Line[]): Promise<{ kind: string; number: number }[]> {
  const content = lines.map((line) => line.text).join("\n");
  const source = { content, filePath: file, ext: "", contentType: "text" as const };
  const { messages } = await lintSource({
    source,
    options: { config: CONFIG, maskSecrets: true, noPhysicFilePath: true },
  });
  return messages.flatMap(({ ruleId, messageId, loc }) => {
    const number = lines[loc.start.line - 1]?.number;
    return number === undefined ? [] : [{ kind: ruleId in PATTERNS ? ruleId : messageId, number }];
  });
}
