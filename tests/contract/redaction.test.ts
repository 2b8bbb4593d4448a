import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeLogRedactor } from '../../src/core/judge/redact.ts';
import { fifoShelf } from '../../src/system/pump.ts';
import { benches, metric, reads, type Bench } from './attempts.ts';

const SECRET = 'hunter2-hunter2';
const ENV = { ...process.env, DEPLOY_TOKEN: SECRET, SHORT_TOKEN: 'ab' };
const SECRETS = [{ name: 'DEPLOY_TOKEN', value: SECRET }];
const PASS = ['PATH', 'DEPLOY_TOKEN'];

const bench = benches();

function make(secrets = SECRETS): Bench {
  return bench({ env: ENV, secrets, redact: ['*_TOKEN'] });
}

describe('[B19] what may not be seen', () => {
  test('names that `redact` matches do not pass by default, and what a task finds out by itself is marked too', async () => {
    const b = make();
    writeFileSync(join(b.folder, 'note'), `key=${SECRET}\n`);
    const ended = await b.run('echo "[$DEPLOY_TOKEN$SHORT_TOKEN]"; cat note');
    expect(b.log(ended)).toContain('\n[]\n');
    expect(b.log(ended)).toContain('key=***DEPLOY_TOKEN***');
  });

  test('without a secret the child writes straight to its log', async () => {
    const b = make([]);
    const ended = await b.run('readlink /proc/self/fd/1');
    expect(b.log(ended)).toContain('p.t1.1.log');
  });

  test('a secret that passes is written as its name, however its writes are split', async () => {
    const b = make();
    const half = SECRET.length / 2;
    const script = `printf '%s' "\${DEPLOY_TOKEN%${SECRET.slice(Math.floor(half))}}"; sleep 0.1; printf '%s\\n' "${SECRET.slice(Math.floor(half))}"; echo "x$DEPLOY_TOKEN" >&2; exit 1`;
    const ended = await b.run(script, { pass: PASS });
    expect(b.log(ended)).toBe('# gate-run t1 attempt 1\n***DEPLOY_TOKEN***\nx***DEPLOY_TOKEN***\n');
    expect(JSON.stringify(ended)).not.toContain(SECRET);
  });

  test('/dev/stderr may be opened anew, and empties nothing', async () => {
    const b = make();
    const ended = await b.run('echo one; echo two > /dev/stderr; echo $DEPLOY_TOKEN > /dev/stdout', {
      pass: PASS,
    });
    expect(ended.log).toBeUndefined();
    expect(b.log(ended)).toBe('# gate-run t1 attempt 1\none\ntwo\n***DEPLOY_TOKEN***\n');
  });

  test('streams that are kept apart are both redacted', async () => {
    const b = make();
    await b.run('echo out $DEPLOY_TOKEN; echo err $DEPLOY_TOKEN >&2', { pass: PASS, apart: true });
    const text = filesOf(b)
      .map(([, each]) => each)
      .join('');
    expect(text).toContain('out ***DEPLOY_TOKEN***');
    expect(text).toContain('err ***DEPLOY_TOKEN***');
    expect(text).not.toContain(SECRET);
  });

  test('a secret among the words of a command or in a value set for it is reason enough', async () => {
    const b = make();
    const word = await b.run({ argv: ['echo', `key=${SECRET}`] });
    const set = await b.run('echo $KEY', { env: { KEY: SECRET } });
    expect([b.log(word), b.log(set)].join('')).not.toContain(SECRET);
    expect(b.log(set)).toContain('***DEPLOY_TOKEN***');
  });

  test('a value that JSON writes in another way is in no file of JSON either', async () => {
    const value = String.raw`hunt"er\2-hunter2`;
    const b = make([{ name: 'DEPLOY_TOKEN', value }]);
    const ended = await b.run({ argv: ['sh', '-c', 'kill -9 $$', value] });
    expect(ended.forensics).toBe(true);
    const written = filesOf(b)
      .filter(([name]) => name.endsWith('.json'))
      .map(([, text]) => text)
      .join('');
    expect(written).toContain('***DEPLOY_TOKEN***');
    expect(written).not.toContain('er2-hunter2');
    expect(written).not.toContain(JSON.stringify(value).slice(1, -1));
  });

  test('no byte is lost of a large output, and metrics read what was written', async () => {
    const b = make();
    const ended = await b.run('head -c 20000000 /dev/zero | tr "\\0" x; echo; echo score 5', {
      pass: PASS,
      read: reads('t1', [
        metric('score', { reader: 'regex', pattern: 'score (?<value>\\d+)', in: { stream: 'output' } }),
      ]),
    });
    expect(ended.bytes).toBe(20_000_009);
    expect(ended.evidence?.['t1']?.metrics).toEqual({ score: { value: 5 } });
  });

  test('a stray that keeps the way open holds up nobody, and its words reach no later log', async () => {
    const b = make();
    const before = Date.now();
    const first = await b.run('setsid sh -c "sleep 3; echo late $DEPLOY_TOKEN" & sleep 0.05; echo first', {
      pass: PASS,
    });
    expect(Date.now() - before).toBeLessThan(2_500);
    const second = await b.run('sleep 3; echo second', { pass: PASS });
    expect(b.log(second)).toBe('# gate-run t2 attempt 1\nsecond\n');
    expect(b.log(first)).not.toContain(SECRET);
  });

  test('what is there already is read, also where gate-run itself was busy all the while', async () => {
    const path = join(make().folder, 'output.log');
    const log = { path, fd: openSync(path, 'w+'), header: new Uint8Array(0) };
    const shelf = fifoShelf();
    const pump = shelf.pump(log, makeLogRedactor(SECRETS, 1_000), () => undefined);
    if ('failed' in pump) throw new Error(pump.what);
    writeSync(pump.fd, 'the last words\n');
    pump.started();
    // Behind an immediate timers come first, and reading later.
    await new Promise((resolve) => setImmediate(resolve));
    const finished = pump.finish();
    for (const until = performance.now() + 300; performance.now() < until;);
    await finished;
    closeSync(log.fd);
    shelf.clear();
    expect(readFileSync(path, 'utf8')).toBe('the last words\n');
  });

  test('FIFOs are used again and gone at the end', async () => {
    const b = make();
    const before = fifoFolders();
    for (let round = 0; round < 5; round += 1) await b.run('echo $DEPLOY_TOKEN', { pass: PASS });
    const made = fifoFolders().filter((name) => !before.includes(name));
    expect(made).toHaveLength(1);
    expect(readdirSync(join(tmpdir(), made[0] ?? ''))).toHaveLength(1);
    b.processes.close();
    expect(existsSync(join(tmpdir(), made[0] ?? ''))).toBe(false);
  });

  test('a pump ends a runaway at the bound, too', async () => {
    const b = make();
    const ended = await b.run('yes', { pass: PASS, logLimitBytes: 200_000, quietAfterMs: [500] });
    expect(ended).toMatchObject({ end: { storage: 'EFBIG' }, log: 'cut' });
  });
});

function filesOf({ folder }: Bench): readonly (readonly [name: string, text: string])[] {
  const cycle = join(folder, 'cycles/000001');
  return readdirSync(cycle).map((name) => [name, readFileSync(join(cycle, name), 'utf8')] as const);
}

function fifoFolders(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('gate-run-fifo-'));
}
