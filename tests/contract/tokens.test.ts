import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { coverNoted, hasUncovered, noteNewest } from '../../src/system/uncovered.ts';
import { TOKENS } from '../unit/judge/tokens.ts';
import { benches, reads } from './attempts.ts';

const [, TOKEN = ''] = TOKENS[0] ?? [];
const COVERED = `***github-token***${'*'.repeat(TOKEN.length - '***github-token***'.length)}`;
const SECRET = 'hunter2-hunter2';
const SECRETS = [{ name: 'DEPLOY_TOKEN', value: SECRET }];

const bench = benches();

describe('[B19] a token in a log', () => {
  test('is covered in place once its task is over, and nothing else moves', async () => {
    const b = bench();
    writeFileSync(join(b.folder, 'note'), `one ${TOKEN}\ntwo\n${TOKEN}${TOKEN}\nlast ${TOKEN}`);
    const ended = await b.run('cat note; exit 1');
    const text = `one ${COVERED}\ntwo\n${COVERED}${'*'.repeat(TOKEN.length)}\nlast ${COVERED}`;
    expect(b.log(ended)).toBe(`# gate-run t1 attempt 1\n${text}`);
    expect(ended.bytes).toBe(text.length);
    expect(JSON.stringify(ended)).not.toContain(TOKEN.slice(0, 12));
  });

  test('is covered where stderr is kept apart, in labels, and through the pump', async () => {
    for (const secrets of [[], SECRETS]) {
      const b = bench({ secrets });
      writeFileSync(join(b.folder, 'note'), `said ${TOKEN} ${SECRET}\n`);
      const ended = await b.run('cat note; cat note >&2', {
        apart: true,
        read: reads(
          't1',
          [],
          [
            {
              name: 'l',
              source: { reader: 'regex', pattern: 'said (?<value>\\S+)', in: { stream: 'stderr' } },
            },
          ],
        ),
      });
      const mark = secrets.length === 0 ? COVERED : '***github-token***';
      expect(ended.evidence?.['t1']?.labels).toEqual({ l: mark });
      expect(b.log(ended)).toContain(`said ${mark} `);
    }
  });

  test('that is printed in halves is one token all the same', async () => {
    const b = bench({ secrets: SECRETS });
    const ended = await b.run(`printf %s ${TOKEN.slice(0, 9)}; sleep 0.2; echo ${TOKEN.slice(9)}`);
    expect(b.log(ended)).toBe('# gate-run t1 attempt 1\n***github-token***\n');
  });

  test('is covered in the log that a task moved away, and in nothing that it put in its place', async () => {
    const b = bench();
    writeFileSync(join(b.folder, 'other'), `${TOKEN}\n`);
    const swap = 'L=$(ls cycles/000001/*.log); echo $TOKEN_SAID; mv $L moved; ln -s ../../other $L; exit 1';
    await b.run(swap, { env: { TOKEN_SAID: TOKEN } });
    expect(readFileSync(join(b.folder, 'moved'), 'utf8')).toContain(COVERED);
    expect(readFileSync(join(b.folder, 'other'), 'utf8')).toBe(`${TOKEN}\n`);
  });

  test.each([
    ['written by the task itself', []],
    ['that came through the pump', SECRETS],
  ])('of a long log %s is covered later, its end at once', async (_how, secrets) => {
    const b = bench({ secrets });
    const ended = await b.run(
      'echo $TOKEN_SAID; head -c 17000000 /dev/zero | tr "\\0" x; echo; echo $TOKEN_SAID; head -c 17000000 /dev/zero | tr "\\0" y; echo; echo $TOKEN_SAID; exit 1',
      { env: { TOKEN_SAID: TOKEN } },
    );
    expect(ended.excerpt).not.toContain(TOKEN.slice(0, 12));
    expect(b.log(ended).slice(-60)).not.toContain(TOKEN);
    const cycles = join(b.folder, 'cycles');
    expect(hasUncovered(cycles)).toBe(true);
    await coverNoted(cycles);
    const whole = b.log(ended);
    expect(whole.includes(TOKEN)).toBe(false);
    expect(whole.match(/\*{3}github-token\*{3}/g)).toHaveLength(3);
    expect(hasUncovered(cycles)).toBe(false);
  });

  test('that a bound of the log cuts through leaves no half', async () => {
    const b = bench();
    const ended = await b.run('yes $TOKEN_SAID | head -n 420000', {
      env: { TOKEN_SAID: TOKEN },
      logLimitBytes: 100_000,
    });
    expect(ended.log).toBe('cut');
    await coverNoted(join(b.folder, 'cycles'));
    const text = b.log(ended);
    expect(text).toContain('bytes were cut out here');
    const pieces = Array.from({ length: TOKEN.length - 5 }, (_, at) => TOKEN.slice(at, at + 6));
    expect(pieces.filter((piece) => text.includes(piece))).toEqual([]);
  });
});

describe('logs that nobody looked through', () => {
  test('of the cycle in which a run died are all covered, and nothing outside', async () => {
    const b = bench();
    const cycles = join(b.folder, 'cycles');
    for (const folder of ['000001', '000002', '000002-start']) {
      mkdirSync(join(cycles, folder), { recursive: true });
      writeFileSync(join(cycles, folder, 'p.a.1.log'), `# header\n${TOKEN}\n`);
    }
    const outside = join(b.folder, 'outside');
    writeFileSync(outside, TOKEN);
    symlinkSync(outside, join(cycles, '000002', 'p.b.1.log'));
    noteNewest(cycles);
    appendFileSync(join(cycles, 'uncovered'), '../outside\n000002/../../outside.log\n');
    await coverNoted(cycles);
    const text = (path: string): string => readFileSync(join(cycles, path, 'p.a.1.log'), 'utf8');
    expect([text('000001'), text('000002'), text('000002-start')]).toEqual([
      `# header\n${TOKEN}\n`,
      `# header\n${COVERED}\n`,
      `# header\n${COVERED}\n`,
    ]);
    expect(readFileSync(outside, 'utf8')).toBe(TOKEN);
  });

  test('stay on the list of a start that was killed while it looked', async () => {
    const b = bench();
    const cycles = join(b.folder, 'cycles');
    mkdirSync(join(cycles, '000001'), { recursive: true });
    writeFileSync(join(cycles, '000001', 'p.a.1.log'), TOKEN);
    noteNewest(cycles);
    renameSync(join(cycles, 'uncovered'), join(cycles, 'uncovered.taken'));
    expect(hasUncovered(cycles)).toBe(true);
    await coverNoted(cycles);
    expect(readFileSync(join(cycles, '000001', 'p.a.1.log'), 'utf8')).toBe(COVERED);
    expect(existsSync(join(cycles, 'uncovered.taken'))).toBe(false);
  });
});
