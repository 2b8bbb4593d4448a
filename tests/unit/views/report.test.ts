// The report as Markdown and as HTML: what comes from outside stays text in both, and the page needs nothing but itself.

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Report } from '../../../src/core/summary/report/report.ts';
import { fenced } from '../../../src/views/markdown-text.ts';
import { html } from '../../../src/views/report/html.ts';
import { markdown } from '../../../src/views/report/markdown.ts';
import { pageOf } from '../../../src/views/report/page.ts';
import { plotLibrary } from '../../../src/system/plot-library.ts';
import { reported } from '../core/summary/report-rig.ts';
import { aLoop, aPlan, Script } from './rig.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('base64');
const FAKE = { script: 'plot()', style: '.plot{}' };

function texts(report: Report, plotting = FAKE): { md: string; page: string } {
  const page = pageOf(report, 'gate-run 1.2.3');
  return { md: markdown(page), page: html(page, { plotting, hash }) };
}

const HOSTILE =
  '\u001b[31m<script>alert(1)</script>\u001b[0m | `x` **b** [a](javascript:alert(1)) </script><!-- \u202e"\'&amp;\u0007 # h';

/** What moves a cursor, rings a bell, or turns the direction of reading. */
function controls(text: string): readonly string[] {
  return text.match(/(?![\n\t])\p{Cc}|[\u202a-\u202e]/gu) ?? [];
}

function hostileNight(): Script {
  const plan = aLoop({ check: ['unit'] });
  const script = new Script({ ...plan, name: `name ${HOSTILE}`, goal: HOSTILE }).start();
  for (const cycle of [1, 2, 3]) {
    const more = {
      fingerprint: 'aaaaaaaa',
      labels: { hypothesis: HOSTILE },
      metrics: { [`m ${HOSTILE}`]: cycle },
    };
    script.cycle(cycle).fail('unit', HOSTILE, more).endCycle('failed');
  }
  const text = `${HOSTILE}\n\`\`\`\n\n# no heading\n`;
  script.record({ type: 'question.opened', fingerprint: 'aaaaaaaa', task: 'unit', cycle: 3, text });
  return script.record({ type: 'noted', what: HOSTILE }).end(1, HOSTILE);
}

test('text from outside is text on the page: no element, no attribute, no terminal sequence, no turned direction', () => {
  const { page } = texts(reported(hostileNight(), { labels: ['hypothesis'] }));
  const elements = new Set(Array.from(page.matchAll(/<([a-z!][a-z0-9]*)/gi), ([, name]) => name));
  expect(elements).toEqual(
    new Set([
      '!doctype',
      'b',
      'body',
      'code',
      'dd',
      'details',
      'div',
      'dl',
      'dt',
      'figcaption',
      'figure',
      'footer',
      'h1',
      'h2',
      'head',
      'header',
      'html',
      'li',
      'main',
      'meta',
      'noscript',
      'ol',
      'p',
      'pre',
      'rect',
      'script',
      'section',
      'span',
      'style',
      'summary',
      'svg',
      'table',
      'tbody',
      'td',
      'th',
      'thead',
      'title',
      'tr',
    ]),
  );
  expect(page.match(/<script/g)).toHaveLength(3);
  expect(page.match(/<\/script>/g)).toHaveLength(3);
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(controls(page)).toEqual([]);
  const data = /<script type="application\/json" id="charts">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
  expect(JSON.parse(data)).toMatchObject([
    { title: expect.stringContaining('<script>'), unit: 'number' },
    {},
    {},
  ]);
});

test('text from outside is text in Markdown: no element, no link, no cell and no line of its own', () => {
  const { md } = texts(reported(hostileNight(), { labels: ['hypothesis'] }));
  const outside = md.replaceAll(/^(`{3,})text\n.*?\n\1$/gms, '');
  expect(outside).not.toMatch(/<[a-z/!]/i);
  expect(outside).not.toMatch(/(?<!\\)\[/);
  expect(outside.replaceAll(/^\*\*(.*?)\*\*/gm, '$1')).not.toMatch(/(?<!\\)\*/);
  expect(controls(md)).toEqual([]);
  const rows = outside.split('\n').filter((line) => line.startsWith('| unit |'));
  expect(rows.length).toBeGreaterThan(1);
  const widths = outside
    .split('\n\n')
    .filter((part) => part.startsWith('|'))
    .map(
      (part) =>
        new Set(
          part
            .trim()
            .split('\n')
            .map((line) => line.replaceAll(/\\\|/g, '').split('|').length),
        ).size,
    );
  expect(new Set(widths)).toEqual(new Set([1]));
  expect(md).toContain('````text\n');
  expect(md.match(/^# /gm)).toHaveLength(2);
});

test('a fence is longer than every row of backticks that is shown, also where one comes to be when a line is made harmless', () => {
  const fences = fenced('``\u0007`\n# out');
  expect(fences).toBe('````text\n```\n# out\n````\n');
});

test('a ledger that is older than the last day has cycles, only not there', () => {
  const script = new Script(aPlan({ check: ['unit'] })).start();
  script.cycle(1).pass('unit').endCycle('passed').end(0, 'passed');
  const { md } = texts(reported(script, { scope: { kind: 'range', since: '2026-02-11', most: 100 } }));
  expect(md).toContain('**✓ Passed.**');
  expect(md).not.toContain('No cycle has ended yet');
  expect(md).toContain('No cycle has ended in the last 24 hours; ');
});

test('the page allows its own two scripts and nothing else, and names no address', () => {
  const { page } = texts(reported(hostileNight()), plotLibrary());
  const scripts = Array.from(page.matchAll(/<script>(.*?)<\/script>/gs), ([, script]) => script ?? '');
  expect(scripts).toHaveLength(2);
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain(`script-src ${scripts.map((one) => `'sha256-${hash(one)}'`).join(' ')};`);
  expect(policy).not.toContain('unsafe');
  expect(page.replace(/<script>.*?<\/script>/gs, '')).not.toMatch(/https?:|\bsrc=|\bhref=|@import|url\(/);
});

test('a page without a plot carries no script at all', () => {
  const { page, md } = texts(reported(new Script(aPlan({ check: ['unit'] }))));
  expect(page).not.toContain('<script');
  expect(page).toContain("script-src 'none'");
  expect(md).toMatchInlineSnapshot(`
    "# demo

    **· No run yet.** Nothing has run here.

    ## Verdict

    There is no ledger here yet, so there is nothing to report.

    ## What to do next

    1. Start it: nothing has run here yet. \`gate-run\`

    ---

    gate-run 1.2.3, 2026-02-10 06:30:00. All times are UTC.
    "
  `);
});

test('the verdict comes first, what to do next last, and everything between in the order of the questions', () => {
  const script = new Script(aLoop({ check: ['unit'] })).start();
  script.cycle(1).fail('unit', 'exit 1', { fingerprint: 'aaaaaaaa' }).endCycle('failed');
  script.record({ type: 'run.ended', reason: 'gave-up', verdict: 'failed', exit: 4, why: 'gave up: x' });
  const { md } = texts(reported(script));
  expect(md.split('\n').slice(0, 4)).toEqual(['# demo', '', '**✗ Gave up.** Gave up: x: unit exit 1.', '']);
  expect(Array.from(md.matchAll(/^## (.*)$/gm), ([, title]) => title)).toEqual([
    'Verdict',
    'Target, budget, marks',
    'Cycles',
    'Metrics',
    'Durations, waits, failure rate',
    'Slowest tasks',
    'Failures and their questions',
    'Flakiness',
    'Soft failures by age',
    'Tokens and cost',
    'What to do next',
  ]);
  expect(md).toContain(
    '1. Mend the first cause below before the next start: it would give up again. `gate-run --continuous`',
  );
  expect(md).toContain('`gate-run logs 1 unit`');
});

test('of many values in few points the page says that they are, and shows the least and the most', () => {
  const script = new Script(aLoop({ check: ['unit'] })).start();
  for (let cycle = 1; cycle <= 2100; cycle += 1) {
    script
      .cycle(cycle)
      .pass('unit', { metrics: { m: cycle === 777 ? -40 : cycle % 7 } })
      .endCycle('passed');
  }
  const report = reported(script, { scope: { kind: 'run', run: 'run-1', most: 5000 } });
  const { page, md } = texts(report);
  expect(page).toMatch(/2100 values in \d+ points: neighbours share one/);
  const data = /id="charts">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
  const charts: { title: string; lines: { role: string; y: number[] }[] }[] = JSON.parse(data);
  const least = charts[0]?.lines.find(({ role }) => role === 'least')?.y ?? [];
  expect(Math.min(...least)).toBe(-40);
  expect(md).toMatch(/unit\.m \(.*, cycles 1 to 2100\)/);
});
