// The pictures of the first page show what the product says now, but for times, sizes and names of runs.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { played, SCENES } from '../../scripts/pictures/scenes.ts';
import { screenSvg, textOf } from '../../scripts/pictures/svg.ts';

const PICTURES = new URL('../../docs/pictures/', import.meta.url);
const LEAST_BYTES = 20_000;

/** What differs from machine to machine and from run to run; columns follow the widths of times. */
function shape(text: string): string {
  return text
    .replaceAll(/\b(?:\d+m )?\d+(?:\.\d+)? m?s\b/g, '<time>')
    .replaceAll(/\b\d+(?:\.\d)? (?:B|[KMGT]iB)\b/g, '<size>')
    .replaceAll(/[\d.]+ an hour/g, '<rate>')
    .replaceAll(/ {2,}/g, ' ');
}

test.each(SCENES)('the picture of $name is what `npm run pictures` would make', (scene) => {
  const svg = readFileSync(new URL(`${scene.name}.svg`, PICTURES), 'utf8');
  expect(svg).toContain(`$ ${['gate-run', ...scene.words].join('\u00A0')}`);
  const now = textOf(screenSvg('', played(scene)));
  expect(now.length).toBeGreaterThan(100);
  expect(shape(textOf(svg))).toBe(shape(now));
});

test('the picture of the report is there, and is a PNG', () => {
  const file = new URL('report.png', PICTURES);
  expect(existsSync(file)).toBe(true);
  expect(statSync(file).size).toBeGreaterThan(LEAST_BYTES);
  expect(readFileSync(file).subarray(1, 4).toString('latin1')).toBe('PNG');
});

test('a picture keeps every character of its screen, and colours as they were', () => {
  const screen = 'plain \u001B[31m<red> & more\u001B[39m  two\n\u001B[1mbold\u001B[22m\n';
  const svg = screenSvg('a title', screen);
  expect(textOf(svg)).toBe('plain <red> & more  two\nbold\n');
  expect(svg).toMatch(/fill="#ff7b72">&lt;red&gt;/);
  expect(svg).toMatch(/font-weight="bold">bold/);
});
