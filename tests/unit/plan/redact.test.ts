import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { missedAmong, missedText } from '../../../src/core/judge/missed.ts';
import { hiddenNames, USUAL_SECRETS } from '../../../src/core/plan/hidden-names.ts';
import { passing, withheldNames } from '../../../src/core/plan/passing.ts';
import { hiddenBy } from '../../../src/core/plan/secrets.ts';
import { complaints, oneGate, planOf } from './planning.ts';

const hidden = (redact: readonly string[], names: readonly string[]) =>
  names.filter(hiddenNames(redact).isHidden);

describe('[B19] names that hold secrets', () => {
  test('are those that usually do, without any key', () => {
    const secret = [
      'ANTHROPIC_API_KEY',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
      'CI_JOB_TOKEN',
      'CI_REGISTRY_PASSWORD',
      'DJANGO_SECRET_KEY',
      'GH_TOKEN',
      'GITHUB_TOKEN',
      'JWT_SECRET',
      'NODE_AUTH_TOKEN',
      'NPM_TOKEN',
      'OPENAI_API_KEY',
      'PGPASSWORD',
      'SMTP_PASS',
      'SSH_PRIVATE_KEY',
      'TOKEN',
      'db_password',
      'npm_config__authToken',
    ];
    const open = [
      'AWS_ACCESS_KEY_ID',
      'AWS_REGION',
      'BYPASS',
      'CACHE_KEY',
      'GOOGLE_APPLICATION_CREDENTIALS',
      'HOME',
      'MAX_TOKENS',
      'OLDPWD',
      'PATH',
      'PWD',
      'SSH_AUTH_SOCK',
      'TOKENIZERS_PARALLELISM',
      'TOX_TESTENV_PASSENV',
    ];
    expect(hidden([], [...secret, ...open])).toEqual(secret);
  });

  test('are listed in docs/secrets.md, all of them', () => {
    const page = readFileSync(new URL('../../../docs/secrets.md', import.meta.url), 'utf8');
    const listed = /in capitals or not:\n\n([^]*?)\n\n/.exec(page)?.[1]?.match(/[A-Z_]+/g);
    expect(listed).toEqual(USUAL_SECRETS);
  });

  test.each([
    ['what is listed joins them', ['DATABASE_URL'], ['A_TOKEN', 'DATABASE_URL']],
    ['`!` lets one go', ['!A_TOKEN'], []],
    ['the last entry decides', ['!*_TOKEN', 'A_*'], ['A_TOKEN']],
    ['`!*` lets all go that is usual', ['!*'], []],
    ['and what follows it is all there is', ['!*', 'DATABASE_URL'], ['DATABASE_URL']],
  ])('%s', (_what, redact, expected) => {
    expect(hidden(redact, ['A_TOKEN', 'DATABASE_URL', 'PATH'])).toEqual(expected);
  });
});

describe('[B19] what passes to a task', () => {
  const env = { PATH: '/bin', A_TOKEN: 'secret-a', B_TOKEN: 'secret-b', GATE_TASK: 'outer', EMPTY_TOKEN: '' };
  const { isHidden } = hiddenNames([]);

  test.each([
    ['no list', undefined, ['PATH']],
    ['a list', ['A_TOKEN'], ['A_TOKEN']],
    ['a star: what would pass without a list', ['*'], ['PATH']],
    ['a star and a name', ['*', 'A_TOKEN'], ['PATH', 'A_TOKEN']],
    ['a glob of secrets', ['*_TOKEN'], ['A_TOKEN', 'B_TOKEN', 'EMPTY_TOKEN']],
  ])('%s', (_what, pass, expected) => {
    expect(Object.keys(env).filter(passing(pass, isHidden))).toEqual(expected);
  });

  test('what is withheld is told by name, and what is empty is nothing', () => {
    expect(withheldNames(env, undefined, isHidden)).toEqual(['A_TOKEN', 'B_TOKEN']);
    expect(withheldNames(env, ['*', 'A_TOKEN'], isHidden)).toEqual(['B_TOKEN']);
  });
});

describe('what a failed command may have missed', () => {
  const withheld = ['ANTHROPIC_API_KEY', 'GH_TOKEN'];
  test.each([
    ['a name', 'gh: set the GH_TOKEN environment variable', ['GH_TOKEN']],
    ['credentials in general', 'Invalid API key · Please run /login', withheld],
    ['an answer of a server', 'request failed: 401', withheld],
    ['nothing of the kind', '3 tests failed', []],
  ])('%s', (_what, text, expected) => {
    expect(missedAmong(withheld, ['', text])).toEqual(expected);
  });

  test('is told with the words that give it', () => {
    expect(missedText(['GH_TOKEN'])).toBe(
      'not given to it, because `redact` hides it: GH_TOKEN (`env: { pass: ["*", GH_TOKEN] }` gives it)',
    );
  });
});

describe('[B19] what `redact` cannot mean', () => {
  const gate = oneGate('run: "true"');
  const told = (redact: string, env: Record<string, string> = {}) =>
    complaints(`redact: ${redact}\n${gate}`, { env });

  test.each([
    ['""', 'redact.0: an empty pattern (write a name or a glob of names: `"*_TOKEN"`)'],
    ['[A, " "]', 'redact.1: an empty pattern'],
    ['["!"]', 'redact.0: an empty pattern'],
    ['["*"]', 'redact.0: `*` matches every name, so that not even PATH would pass to a task'],
    ['["**"]', 'redact.0: `**` matches every name'],
    ['["?*"]', 'redact.0: `?*` matches every name'],
    ['["{PATH,*}"]', 'redact.0: `{PATH,*}` matches every name'],
    ['["$API_TOKEN"]', 'redact.0: `$API_TOKEN` matches no variable: no name holds `$`'],
    ['["A=b"]', 'redact.0: `A=b` matches no variable: no name holds `=`'],
  ])('%s', (redact, expected) => {
    const written = redact.startsWith('[') ? redact : `[${redact}]`;
    expect(told(written)[0]).toContain(expected);
  });

  test('a value that is too short, under a name that the config lists', () => {
    expect(told('["*_PIN"]', { MY_PIN: '1234', OTHER: 'x' })).toEqual([
      'redact.0: the value of `MY_PIN` in the environment is shorter than 6 characters: it would be found all over an innocent text (give it a longer value, or let the name go: `redact: […, "!MY_PIN"]`)',
    ]);
    expect(told('["*_PIN", "!MY_PIN"]', { MY_PIN: '1234' })).toEqual([]);
    expect(told('["*_PIN"]', { MY_PIN: '' })).toEqual([]);
  });

  test('also one that the config sets itself, where it is set', () => {
    const set = oneGate(`run: "true"\nenv: { set: { MY_PIN: "1234", A_PIN: "{{task}}", B_PIN: "123456" } }`);
    expect(complaints(`redact: ["*_PIN"]\n${set}`)).toEqual([
      expect.stringContaining('env.set.MY_PIN: the value of `MY_PIN` in `env.set` is shorter than 6'),
    ]);
  });

  test('what is only usual stops nobody: a short value is told by `doctor`, and passes to no task', () => {
    const env = { CACHE_TOKEN: 'ab', LONG_TOKEN: 'hunter22' };
    const plan = planOf(gate, { env });
    const { secrets, tooShort, isHidden } = hiddenBy(plan, env);
    expect({ secrets, tooShort }).toEqual({
      secrets: [{ name: 'LONG_TOKEN', value: 'hunter22' }],
      tooShort: ['CACHE_TOKEN'],
    });
    expect(withheldNames(env, undefined, isHidden)).toEqual(['CACHE_TOKEN', 'LONG_TOKEN']);
  });
});
