import { expect, test } from 'vitest';
import { figureIn, hasProved, pageWith } from '../../scripts/prove/page.ts';
import { PROMISES, PROOFS } from '../../scripts/prove/proofs.ts';

const OCCASION = { date: '2026-01-01', machine: 'one', seed: 7, commit: 'abc' };
const PAGE = '# Reliability\n\nWhat people wrote.\n';

function proved(name: string, figure: string) {
  const proof = PROOFS.find((one) => one.name === name);
  if (!proof) throw new Error(`no proof ${name}`);
  return { proof, ok: true, seconds: 1, figure };
}

function rowsOf(page: string, promise: string): readonly string[] {
  return page.split('\n').filter((line) => line.startsWith(`| ${promise}:`));
}

test('a figure lands in the row of each promise that its proof stands for, and nowhere else', () => {
  const page = pageWith(PAGE, [proved('locks', '9 of 9')], OCCASION);
  expect(rowsOf(page, 'G9')).toEqual([
    `| G9: ${PROMISES['G9']} | locks | holds: ${proved('locks', '').proof.what} | 9 of 9 | 2026-01-01 | one | 7 | abc |`,
  ]);
  expect(page.split('9 of 9').length).toBe(2);
  expect(page.startsWith(`${PAGE}\n<!--`)).toBe(true);
});

test('a later go of another proof leaves the row as it was, and what people wrote below', () => {
  const first = `${pageWith(PAGE, [proved('locks', '9 of 9')], OCCASION)}Below.\n`;
  const page = pageWith(first, [proved('kills', '500 kills')], { ...OCCASION, date: '2026-02-02' });
  expect(rowsOf(page, 'G9')[0]).toContain('9 of 9 | 2026-01-01');
  expect(rowsOf(page, 'G6').filter((row) => row.includes('500 kills | 2026-02-02')).length).toBe(1);
  expect(page.endsWith('Below.\n')).toBe(true);
});

test('every promise has a proof, and every proof stands for promises that are there', () => {
  for (const id of Object.keys(PROMISES))
    expect(
      PROOFS.some(({ promises }) => promises.includes(id)),
      id,
    ).toBe(true);
  for (const { promises } of PROOFS) for (const id of promises) expect(Object.keys(PROMISES)).toContain(id);
});

test('figures are told without colours, else the count of tests, else the last line', () => {
  expect(figureIn('\u001B[22mfigure: 3 kills\nfigure: 1|2\n Tests  4 passed (4)\n')).toBe('3 kills; 1/2');
  expect(figureIn(' Tests  4 passed | 2 skipped (6)\n Duration 3s\n')).toBe(
    'Tests  4 passed / 2 skipped (6)',
  );
  expect(figureIn('failing seeds: 0\n\n')).toBe('failing seeds: 0');
});

test('a run in which nothing was tested proves nothing, nor does a story that could not be told', () => {
  expect(hasProved(' Tests  4 passed (4)')).toBe(true);
  expect(hasProved(' Tests  12 skipped (12)')).toBe(false);
  expect(hasProved('failing seeds: 0')).toBe(true);
  expect(hasProved('so a disk of its own could not be tried\n Tests  4 passed (4)')).toBe(false);
});
