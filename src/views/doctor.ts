// A finding of `doctor` as a line, and its mend below it.

import type { Finding } from '../core/doctor/finding.ts';

const MARKS = { ok: '✓', note: '·', warning: '~', missing: '✗' } as const;
const COLORS = { ok: 32, note: 2, warning: 33, missing: 31 } as const;
const NAME_WIDTH = 12;

export function findingText({ name, level, says, mend }: Finding, color: boolean): string {
  const mark = color ? `\u001b[${COLORS[level]}m${MARKS[level]}\u001b[0m` : MARKS[level];
  const below = mend === undefined ? '' : `    ${mend}\n`;
  return `${mark} ${name.padEnd(NAME_WIDTH)}  ${says.replaceAll('\n', '\n    ')}\n${below}`;
}
