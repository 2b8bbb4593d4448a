import { expect, test } from 'vitest';
import { paced } from '../../../src/system/paced.ts';

const EVERY_MS = 40;

test('the first deed is done at once, the next ones no sooner than the pace allows, and none is lost', async () => {
  const pace = paced(EVERY_MS);
  const from = performance.now();
  const done: number[] = [];
  const all = [0, 1, 2].map(
    () =>
      new Promise<void>((resolve) => {
        pace(() => {
          done.push(performance.now() - from);
          resolve();
        });
      }),
  );
  const keepsAlive = setInterval(() => undefined, 1);
  await Promise.all(all);
  clearInterval(keepsAlive);
  expect(done[0]).toBeLessThan(EVERY_MS);
  expect(done[1]).toBeGreaterThanOrEqual(EVERY_MS - 1);
  expect(done[2]).toBeGreaterThanOrEqual(2 * EVERY_MS - 1);
});
