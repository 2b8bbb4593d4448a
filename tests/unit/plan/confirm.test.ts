import { describe, expect, test } from 'vitest';
import { planSetting } from '../../../src/core/plan/setting-text.ts';
import { complaints, planOf } from './planning.ts';

const KEEP = 'keep: ["{{cycle.dir}}/a.json"]';

function sought({
  champion = '',
  run = '[sim, "{{cycle.dir}}/a.json", "{{seed}}"]',
  stages = '[{ count: 10 }, { count: 50 }]',
  per = 'per: seed,',
}): string {
  const metric = per === '' ? '{ regex: "edge (?<value>.+)", better: higher }' : '{ better: higher }';
  return `objective: { metric: edge }
champion: { ${champion} }
phases:
  p:
    steps: { make: { run: make } }
    gates:
      other: { run: b, metrics: { size: { count: x } } }
      sims: { needs: [other], run: ${run}, ${per} metrics: { edge: ${metric} }, stages: ${stages} }`;
}

describe('confirm', () => {
  test('measures on as many fresh seeds as the top rung has, unless it says so', () => {
    const of = (confirm: string) =>
      planOf(sought({ champion: `${KEEP}, confirm: ${confirm}` })).champion?.confirm;
    expect(of('{ every: 20 }')).toEqual({ every: 20, seeds: 50 });
    expect(of('{ every: 1, seeds: 200 }')).toEqual({ every: 1, seeds: 200 });
    expect(planOf(sought({ champion: KEEP })).champion).not.toHaveProperty('confirm');
  });

  test.each([
    ['{ every: 0 }', 'champion.confirm.every: `0` is no whole number from 1 to 1000000000'],
    ['{ every: 2h }', 'champion.confirm.every: `2h` is no whole number from 1 to 1000000000'],
    ['{ every: 5, seeds: 1 }', 'champion.confirm.seeds: `1` is no whole number from 2 to 1000000000'],
  ])('%s is refused', (confirm, problem) => {
    const [first = ''] = complaints(sought({ champion: `${KEEP}, confirm: ${confirm}` }));
    expect(first).toContain(problem);
  });

  test('may be set from outside, and is shown as it was set', () => {
    const set = [
      ['champion.confirm.every', '3'],
      ['champion.confirm.seeds', '70'],
      ['champion.robustness.batches', '5'],
      ['objective.min-delta', '1.5'],
    ] as const;
    const text = sought({ champion: `${KEEP}, confirm: { every: 20 }, robustness: { batches: 2 }` });
    const plan = planOf(text, { flags: { set } });
    expect(plan.objective?.minDelta).toBe(1.5);
    expect(plan.champion).toMatchObject({ confirm: { every: 3, seeds: 70 }, robustness: { batches: 5 } });
    const shown = ['confirm.every', 'confirm.seeds', 'robustness.batches'].map((key) => {
      expect(plan.sources[`champion.${key}`]).toBe('flag');
      return planSetting(plan, `champion.${key}`);
    });
    expect(shown).toEqual(['3 cycles', '70', '5']);
  });

  const CONFIRM = 'confirm: { every: 5 }';

  test('needs form (b), and says so', () => {
    const text = sought({ champion: `${KEEP}, ${CONFIRM}`, per: '', run: '[sim, "{{count}}"]' });
    expect(complaints(text)).toEqual([
      'champion.confirm: `confirm` runs fresh seeds, and gate-run knows no seed of `sims`, which runs its simulations itself (form (a)) (write the ladder in form (b): `per: seed`, `per: batch` or `per: worker`)',
    ]);
  });

  test('needs files that can be laid down elsewhere', () => {
    expect(complaints(sought({ champion: CONFIRM }))[0]).toMatch(
      /^champion\.confirm: `confirm` without `keep`/,
    );
    expect(complaints(sought({ champion: `keep: [src/a.ts], ${CONFIRM}` }))[0]).toMatch(
      /^champion\.confirm: `confirm` would have to put `src\/a\.ts` back into the work tree/,
    );
    // One mistake is one problem.
    expect(complaints(sought({ champion: `keep: [], ${CONFIRM}` }))).toHaveLength(1);
  });

  test.each(['{{metrics.size}}', '{{tasks.other.log}}', '{{cycle.file}}'])(
    'a gate that reads %s has it in its own cycle alone',
    (name) => {
      const run = `[sim, "${name}", "{{seed}}"]`;
      const [first = ''] = complaints(sought({ champion: `${KEEP}, ${CONFIRM}`, run }));
      expect(first).toContain(`\`sims\` reads \`${name}\`, which is there in its own cycle alone`);
    },
  );

  test('a top rung of one seed has nothing to compare with', () => {
    const [first = ''] = complaints(sought({ champion: `${KEEP}, ${CONFIRM}`, stages: '[{ count: 1 }]' }));
    expect(first).toContain('one seed on the top rung has no spread');
  });

  test('without an objective is a problem of the whole champion', () => {
    const text = sought({ champion: `${KEEP}, ${CONFIRM}` }).replace('objective: { metric: edge }\n', '');
    expect(complaints(text)).toEqual([expect.stringContaining('`champion` without `objective`')]);
  });
});
