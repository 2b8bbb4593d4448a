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

function sectionOf(page: string, proof: string): readonly string[] {
  const [, section = ''] = page.split(`### ${proof}\n`);
  return (section.split(/^###|^<!--/m)[0] ?? '').split('\n').filter((line) => line !== '');
}

test('a figure lands behind its proof, once, and every promise names its proofs', () => {
  const page = pageWith(PAGE, [proved('locks', '9 of 9')], OCCASION);
  expect(sectionOf(page, 'locks')).toEqual([
    `Proves G9: ${proved('locks', '').proof.what}.`,
    '**Holds** (2026-01-01, one, seed 7, commit abc): 9 of 9',
  ]);
  expect(page.split('9 of 9').length).toBe(2);
  expect(page).toContain(`| G9 | ${PROMISES['G9']} | locks |\n`);
  expect(sectionOf(page, 'kills').at(-1)).toBe('not run yet');
  expect(page.startsWith(`${PAGE}\n<!--`)).toBe(true);
});

test('a proof that failed says so', () => {
  const page = pageWith(PAGE, [{ ...proved('locks', '2 of 9'), ok: false }], OCCASION);
  expect(sectionOf(page, 'locks').at(-1)).toMatch(/^\*\*FAILS\*\* .*: 2 of 9$/);
});

test('a later go of another proof leaves the others as they were, and what people wrote below', () => {
  const first = `${pageWith(PAGE, [proved('locks', '9 of 9')], OCCASION)}Below.\n`;
  const page = pageWith(first, [proved('kills', '500 kills')], { ...OCCASION, date: '2026-02-02' });
  expect(sectionOf(page, 'locks').at(-1)).toContain('2026-01-01, one, seed 7, commit abc): 9 of 9');
  expect(sectionOf(page, 'kills').at(-1)).toContain('(2026-02-02, one, seed 7, commit abc): 500 kills');
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
  expect(figureIn('\u001B[22mfigure: 3 kills\nfigure: 1|2\n Tests  4 passed (4)\n')).toBe('3 kills; 1|2');
  expect(figureIn(' Tests  4 passed | 2 skipped (6)\n Duration 3s\n')).toBe(
    'Tests  4 passed | 2 skipped (6)',
  );
  expect(figureIn('failing seeds: 0\n\n')).toBe('failing seeds: 0');
});

test('a run in which nothing was tested proves nothing, nor does a story that could not be told', () => {
  expect(hasProved(' Tests  4 passed (4)')).toBe(true);
  expect(hasProved(' Tests  12 skipped (12)')).toBe(false);
  expect(hasProved('failing seeds: 0')).toBe(true);
  expect(hasProved('so a disk of its own could not be tried\n Tests  4 passed (4)')).toBe(false);
});
