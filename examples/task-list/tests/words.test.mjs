// Each task whose box is ticked is held to what it promises.
import { equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const TEXT = 'the quick brown fox';
const EXPECTED = { count: 4, longest: 'quick', initials: 'TQBF', reversed: 'fox brown quick the' };
const plan = readFileSync('workplace/IMPLEMENTATION_PLAN.md', 'utf8');
const words = await import('../workplace/words.mjs');

for (const [, task] of plan.matchAll(/^- \[x\] `(\w+)`/gm)) {
  test(task, () => equal(words[task](TEXT), EXPECTED[task]));
}
