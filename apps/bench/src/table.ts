/** A table as plain text: names to the left, figures to the right, and "–" for what there is not. */

export function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  "),
    )
    .join("\n");
}

export function figure(value: number, digits: number): string {
  return Number.isNaN(value) ? "–" : value.toFixed(digits);
}

export const KB = 1_024;
