// What a list of files comes to: one sum over paths, contents and the right to execute. It looks at no file itself.

import { isExecutable, type FileRow, type ListRow } from './rows.ts';

/** Whether a sum made earlier is one over these very files as they are. */
export function stands(before: ListRow, rows: readonly FileRow[]): boolean {
  return (
    before.rows.length === rows.length &&
    before.rows.every((row, at) => row === rows[at] && row.change <= before.change)
  );
}

/** SHA-256, hexadecimal. */
export function digestOf(rows: readonly FileRow[]): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const hash = createHash('sha256');
  hash.update(listText(rows));
  return hash.digest('hex');
}

/** One line a file, in order of paths. A name may hold a newline, so lines are JSON. */
export function listText(rows: readonly FileRow[]): string {
  const sorted = rows.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  return sorted.map((row) => `${JSON.stringify([row.path, sumOf(row)])}\n`).join('');
}

/** Content, and whether it may be executed. */
export function sumOf(row: FileRow): string {
  return isExecutable(row) ? `${row.hash}x` : row.hash;
}

export function bytesOf(rows: readonly FileRow[]): number {
  return rows.reduce((sum, { size }) => sum + size, 0);
}
