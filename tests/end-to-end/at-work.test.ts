// Hooks, webhooks and heartbeats of real runs, and what happens when each of them goes wrong: it is noted, and nothing waits.

import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { begin, folderWith, gateRun, loop, until, type Folder } from './rig.ts';

const PASSES = 'a: { run: "true" }';

function withKeys(keys: string, gates = PASSES): Folder {
  return folderWith(loop(gates, `loop: { sleep: 0s, rest: { failed: 0s } }\n${keys}`));
}

function events(folder: Folder, type: string): readonly Readonly<Record<string, unknown>>[] {
  const lines = folder.read('.gate-run/history.jsonl').trim().split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line): Readonly<Record<string, unknown>> => JSON.parse(line))
    .filter((one) => one['type'] === type);
}

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** By path: `/ok`, `/busy` twice and then well, `/broken` for ever, `/moved` to `/ok`, `/endless`, `/silent`. */
async function receiver(): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const path = request.url ?? '';
      received.push({ path, headers: request.headers, body });
      answer(path, response, received.filter((one) => one.path === path).length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return { url: `http://127.0.0.1:${address.port}`, received };
}

/** An address where nobody listens any more. */
async function nobody(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

function answer(path: string, response: ServerResponse, count: number): void {
  if (path === '/silent') return;
  if (path === '/moved') response.setHeader('location', '/ok?stolen');
  const codes: Readonly<Record<string, number>> = { '/moved': 307, '/broken': 500, '/forbidden': 403 };
  response.statusCode = path === '/busy' && count < 3 ? 503 : (codes[path] ?? 200);
  if (path !== '/endless') return void response.end();
  const timer = setInterval(() => response.write('x'.repeat(65_536)), 1);
  response.on('close', () => clearInterval(timer));
}

test('[G20] hooks run at their moments, one after another, and are told what has happened', async () => {
  const note =
    'run: echo "$GATE_HOOK $GATE_CYCLE ${GATE_VERDICT-} ${GATE_QUESTION_TASK-} ${GATE_REASON-} ${GATE_EXIT-}" >> seen';
  const names = ['before-cycle', 'after-cycle', 'on-failure', 'on-exit'];
  const hooks = names.map((name) => `  ${name}:\n    ${note}`).join('\n');
  const question =
    '  on-question: { run: [sh, -c, \'echo "$GATE_HOOK $GATE_QUESTION_TASK" >> seen; cat "$0" >> asked\', "{{question.file}}"] }';
  const folder = withKeys(`hooks:\n${hooks}\n${question}`, 'a: { run: test "$GATE_CYCLE" != 2 }');
  const ran = await gateRun(folder, ['--iterations', '2']);
  expect(ran.code, ran.stderr).toBe(1);
  expect(
    folder
      .read('seen')
      .trim()
      .split('\n')
      .map((line) => line.trimEnd()),
  ).toEqual([
    'before-cycle 1',
    'after-cycle 1 passed',
    'before-cycle 2 passed'.replace(' passed', ''),
    'after-cycle 2 failed',
    'on-failure 2 failed',
    'on-question a',
    'on-exit 2 failed  budget 1',
  ]);
  expect(folder.read('asked')).toMatch(/^Question for ChatGPT @codex .*\nWhile performing \[1\.1:a\]/);
  expect(events(folder, 'hook.ended').map(({ hook, how, code }) => [hook, how, code])).toEqual(
    [
      'before-cycle',
      'after-cycle',
      'before-cycle',
      'after-cycle',
      'on-failure',
      'on-question',
      'on-exit',
    ].map((hook) => [hook, 'exited', 0]),
  );
  expect((await gateRun(folder, ['verify'])).code).toBe(0);
});

test('[B18] hooks that hang, flood, fail or are not there are noted, judge nothing, and hold up nothing', async () => {
  const folder = withKeys(`hooks:
  before-cycle: { run: [sh, -c, "trap '' TERM; sleep 60"], timeout: 200ms }
  after-cycle: ["yes"]
  on-exit: { run: "echo all is lost >&2; exit 7" }
`);
  const ran = await gateRun(folder, []);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toMatch(/! hook before-cycle was ended after /);
  expect(ran.stdout).toMatch(/! hook after-cycle said too much and was ended/);
  expect(ran.stdout).toMatch(/! hook on-exit ended with 7 .*all is lost; nothing is judged by it/);
  expect(ran.ms).toBeLessThan(15_000);
  const missing = withKeys('hooks: { on-exit: [no-such-command-at-all] }');
  const other = await gateRun(missing, []);
  expect(other.code).toBe(0);
  expect(other.stdout).toContain('! hook on-exit did not start');
});

test('[B18] a stop waits for a hook no longer than the hook may take, and a second one not at all', async () => {
  const keys = (timeout: string) => `hooks: { before-cycle: { run: [sleep, "60"], timeout: ${timeout} } }`;
  const isHooked = (folder: Folder) => () =>
    folder.has('.gate-run/history.jsonl') && events(folder, 'hook.started').length > 0;
  const patient = withKeys(keys('1s'));
  const one = begin(patient, ['--continuous']);
  await until('the hook runs', isHooked(patient));
  one.child.kill('SIGTERM');
  const stopped = await one.ended;
  expect(stopped.code).toBe(6);
  expect(stopped.ms).toBeLessThan(10_000);
  const eager = withKeys(keys('50s'));
  const two = begin(eager, ['--continuous']);
  await until('the hook runs', isHooked(eager));
  two.child.kill('SIGTERM');
  await until('the stop is seen', () => events(eager, 'stop.seen').length > 0);
  two.child.kill('SIGINT');
  const forced = await two.ended;
  expect(forced.code).toBe(143);
  expect(forced.ms).toBeLessThan(15_000);
  expect(events(eager, 'hook.stopping')).toMatchObject([{ why: 'stop' }]);
});

test('[B18] no value becomes shell text, and no secret an argument of a hook or a part of a notice', async () => {
  const { url, received } = await receiver();
  const folder = withKeys(
    `goal: "$(touch pwned); {{vars.token}}"
vars: { token: { env: API_TOKEN } }
redact: ["API_*"]
hooks: { on-exit: [sh, -c, 'echo "$0 $1"; echo "$0 $1 \${API_TOKEN-none} $GATE_WHY" > seen', "{{goal}}", "{{vars.token}}"] }
notify: [{ webhook: "${url}/ok", secret: { env: SIGN } }]
marks: { "said": { level: critical, all: { cycles: 1 } } }
`,
    'a: { run: "echo hunter2hunter2; false" }',
  );
  const env = { API_TOKEN: 'hunter2hunter2', SIGN: 'sign-me-please' };
  const ran = await gateRun(folder, ['--iterations', '1'], { env });
  expect(ran.code).toBe(1);
  expect(folder.read('seen')).toContain('$(touch pwned); ***API_TOKEN*** ***API_TOKEN*** none');
  expect(folder.has('pwned')).toBe(false);
  expect(received.map(({ body }) => body).join()).not.toMatch(/hunter2|sign-me/);
  expect(folder.read('.gate-run/history.jsonl')).not.toMatch(/hunter2|sign-me/);
});

test('[B19] a value that the config sets for a hook or a task under a hidden name is seen nowhere, filled in or not', async () => {
  const folder = withKeys(
    `goal: "use {{vars.tok}}"
vars: { tok: { env: REAL_TOKEN } }
redact: ["*_TOKEN"]
hooks: { on-exit: { run: [sh, -c, 'echo "mail $MAIL_TOKEN \${GATE_VAR_TOK-none}" >&2; exit 1'], env: { set: { MAIL_TOKEN: mail-secret-1 } } } }
reporters: [plain, { report: out/r.md }]`,
    `a: { run: 'echo "$API_TOKEN \${GATE_VAR_TOK-none} \${GATE_GOAL-none}"; exit 1', env: { set: { API_TOKEN: "{{vars.tok}}-more" } } }
listed: { run: 'echo "$GATE_VAR_TOK" | tr a-z A-Z > seen', env: { pass: [PATH, REAL_TOKEN] } }`,
  );
  const env = { REAL_TOKEN: 'hunter2hunter2' };
  const ran = await gateRun(folder, ['--iterations', '1'], { env });
  expect(ran.stdout).toContain('mail ***MAIL_TOKEN*** none');
  expect(ran.stdout).toMatch(/\*\*\*(?:API|REAL)_TOKEN\*\*\*.* none none/);
  // Who lists the secret has the variable that holds it, too.
  expect(folder.read('seen')).toBe('HUNTER2HUNTER2\n');
  const report = await gateRun(folder, ['report', '--last', '1'], { env });
  const written = [
    'history.jsonl',
    'questions.md',
    'cycles/000001/check.a.1.log',
    'cycles/000001/events.jsonl',
  ];
  const all = [
    ...written.map((name) => folder.read(`.gate-run/${name}`)),
    folder.read('out/r.md'),
    folder.read('out/r.html'),
  ];
  expect([ran.stdout, ran.stderr, report.stdout, ...all].join()).not.toMatch(/hunter2|mail-secret/);
});

test('[G20] no word of our own in a notice is taken for a secret', async () => {
  const { url, received } = await receiver();
  const folder = withKeys(`redact: ["A_TOKEN"]\nnotify: [{ webhook: "${url}/ok" }]`);
  await gateRun(folder, [], { env: { A_TOKEN: 'finished' } });
  expect(JSON.parse(received[0]?.body ?? '{}')).toMatchObject({
    cycles: { finished: 1 },
    reason: 'finished',
  });
});

test('[A12] what hooks leave behind is ended with the run, whichever hook it was and wherever it went', async () => {
  for (const hook of ['before-cycle', 'after-cycle', 'on-exit']) {
    const folder = withKeys(`hooks: { ${hook}: { run: 'setsid sleep 4321 & exit 0' } }`);
    // Nothing that has this folder in its environment may be left: the rig looks.
    const ran = await gateRun(folder, ['--iterations', '1']);
    expect({ hook, code: ran.code }).toEqual({ hook, code: 0 });
    expect(ran.ms).toBeLessThan(10_000);
    expect(endlessIn(folder)).toEqual([]);
  }
  const stopped = withKeys(`hooks: { before-cycle: { run: 'setsid sleep 4321 & sleep 30', timeout: 50s } }`);
  const run = begin(stopped, ['--continuous']);
  await until('the hook runs', () => endlessIn(stopped).length > 0);
  run.child.kill('SIGTERM');
  await until('the stop is seen', () => events(stopped, 'stop.seen').length > 0);
  run.child.kill('SIGINT');
  expect((await run.ended).code).toBe(143);
  expect(endlessIn(stopped)).toEqual([]);
});

/** Processes that sleep for longer than any story, with this story's folder as theirs. */
function endlessIn({ path }: Folder): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const isOurs = readlinkSync(`/proc/${pid}/cwd`) === path;
      return isOurs && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('4321');
    } catch {
      return false;
    }
  });
}

test('[B18] a hook that leaves a child on its streams is over when it has ended itself', async () => {
  const folder = withKeys(
    'hooks: { after-cycle: { run: [sh, -c, "sleep 30 & echo said; exit 0"], timeout: 20s } }',
  );
  const ran = await gateRun(folder, []);
  expect(ran.code).toBe(0);
  expect(ran.ms).toBeLessThan(10_000);
  expect(events(folder, 'hook.ended')).toMatchObject([{ how: 'exited', code: 0 }]);
});

test('[B18] a start that is refused gives no sign of life', async () => {
  const folder = withKeys('notify: [{ heartbeat: alive.json }]', 'a: { run: sleep 30 }');
  const first = begin(folder, ['--continuous']);
  await until('it is alive', () => folder.has('alive.json'));
  first.child.kill('SIGKILL');
  await first.ended;
  const before = folder.read('alive.json');
  const refused = await gateRun(folder, ['--continuous', '--sleep', '31s']);
  expect(refused.code).toBe(2);
  expect(folder.read('alive.json')).toBe(before);
  // Ends what was left running.
  folder.write('loop.config.yaml', loop(PASSES)['loop.config.yaml'] ?? '');
  expect((await gateRun(folder)).code).toBe(0);
});

test('[G20] webhooks are told of critical marks and of the end, signed, once each however often it is tried', async () => {
  const { url, received } = await receiver();
  const folder = withKeys(
    `notify: [{ webhook: "${url}/busy", for: [critical, exit], secret: { env: SIGN } }, { webhook: "${url}/ok", for: [warning] }]
marks:
  failing: { level: warning, any: { failure-rate: "> 30% over 2" } }
  alarming: { level: critical, any: { failure-rate: "> 50% over 2" } }
  quiet: { level: info, all: { cycles: 1 } }
exit: { give-up: { failure-rate: "> 80% over 3", failures-in-a-row: never } }
`,
    'a: { run: "false" }',
  );
  const ran = await gateRun(folder, ['--continuous'], { env: { SIGN: 'sign-me-please' } });
  expect(ran.code, ran.stderr).toBe(4);
  const told = received.filter(({ path }) => path === '/busy');
  expect(told.map(({ body }) => JSON.parse(body).mark ?? JSON.parse(body).kind)).toEqual([
    'alarming',
    'alarming',
    'alarming',
    'exit',
  ]);
  expect(new Set(told.map(({ headers }) => headers['x-gate-run-delivery'])).size).toBe(2);
  for (const { headers, body } of told) {
    const at = String(headers['x-gate-run-timestamp']);
    const mac = createHmac('sha256', 'sign-me-please').update(`${at}.${body}`).digest('hex');
    expect(headers['x-gate-run-signature']).toBe(`sha256=${mac}`);
  }
  expect(JSON.parse(told.at(-1)?.body ?? '{}')).toMatchObject({
    schemaVersion: 1,
    loop: 'story',
    reason: 'gave-up',
    rule: 'failure-rate > 80% over 3',
    exit: 4,
    cycles: { finished: 3, failed: 3 },
  });
  const warned = received.filter(({ path }) => path === '/ok');
  expect(warned.map(({ body }) => JSON.parse(body).mark)).toEqual(['failing']);
  expect(warned[0]?.headers['x-gate-run-signature']).toBeUndefined();
});

test('[B18] webhooks that never answer, break, redirect or refuse hold up no cycle, and the end within a limit', async () => {
  const { url, received } = await receiver();
  const gone = await nobody();
  const paths = ['/silent', '/broken', '/moved', '/forbidden', '/endless'];
  const hooks = paths.map((path) => `  - { webhook: "${url}${path}?key=s3cret", timeout: 300ms }`).join('\n');
  const folder = withKeys(
    `notify:\n${hooks.replaceAll('?key=s3cret', '')}\n  - { webhook: "${gone}/x?key=s3cret" }`,
  );
  const ran = await gateRun(folder, []);
  expect(ran.code).toBe(0);
  expect(ran.ms).toBeLessThan(12_000);
  for (const said of [
    /was not told of exit: no answer within 300 ms, after 4 tries/,
    /was not told of exit: it answered 500, after 4 tries/,
    /was not told of exit: it redirects \(307\), which is not followed/,
    /was not told of exit: it refused \(403\)/,
    /was not told of exit: it could not be reached \(ECONNREFUSED\), after 4 tries/,
  ])
    expect(ran.stderr).toMatch(said);
  expect(ran.stderr).not.toContain('s3cret');
  const counts = paths.map((path) => received.filter((one) => one.path.startsWith(path)).length);
  expect(counts).toEqual([4, 4, 1, 1, 1]);
  expect(received.some((one) => one.path.includes('stolen'))).toBe(false);
});

test('[G20] a heartbeat is a sign of life in a file or at an address, as long as the run is under way', async () => {
  const { url, received } = await receiver();
  const folder = withKeys(
    `notify: [{ heartbeat: alive.json, every: 1s }, { heartbeat: "${url}/ok", every: 1s }, { heartbeat: "no/such/folder/x", every: 1s }]`,
    'a: { run: sleep 1.5 }',
  );
  const ran = await gateRun(folder, []);
  expect(ran.code).toBe(0);
  expect(JSON.parse(folder.read('alive.json'))).toMatchObject({ run: expect.stringMatching(/^\d{8}-/) });
  expect(received.length).toBeGreaterThanOrEqual(2);
  expect(ran.stdout.match(/no sign of life/g)).toHaveLength(1);
});

test('[B18] a notice that was to be signed is not sent unsigned: without its secret nothing starts', async () => {
  const folder = withKeys('notify: [{ webhook: "https://example.com/x", secret: { env: SIGN } }]');
  const ran = await gateRun(folder, []);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('`notify` signs with the variable `SIGN`, which is not set');
  expect(folder.list()).toEqual(['loop.config.yaml']);
});

test('[A10] what hooks and notices may not be is told before anything starts', async () => {
  const folder = withKeys(`hooks:
  before-cycle: { run: [a, "{{question.file}}"], timeout: never }
  after-cycle: "echo '{{goal}}'"
  on-champion: [a]
notify:
  - { webhook: "ftp://x", for: [champion, loud] }
  - { webhook: "https://x", heartbeat: f }
  - { webhook: "https://me:pass@x/hook" }
  - { heartbeat: "https://me@x/ping" }
  - { heartbeat: f, every: 0s }
  - { heartbeat: ./.gate-run/history.jsonl }
`);
  const ran = await gateRun(folder, []);
  expect(ran.code).toBe(2);
  for (const said of [
    'unknown name `{{question.file}}`',
    'a hook that may hold up the loop for so long',
    '`{{` in a command that a shell runs',
    'expected a webhook or a heartbeat',
    'an address with a name or a password in it cannot be called',
    'a sign of life from once a second to once a day',
    '`./.gate-run/history.jsonl` is the ledger',
  ])
    expect(ran.stderr).toContain(said);
  expect(folder.list()).toEqual(['loop.config.yaml']);
});

test('[B18] a hook that a killed run left behind is ended by the next start, and not started again', async () => {
  const folder = withKeys(
    'hooks: { before-cycle: { run: [sh, -c, "echo >> began; test -e go || sleep 60"], timeout: 50s } }',
  );
  const first = begin(folder, ['--continuous']);
  await until('the hook runs', () => folder.has('began'));
  first.child.kill('SIGKILL');
  await first.ended;
  folder.write('go', '');
  const next = await gateRun(folder, []);
  expect(next.code, next.stderr).toBe(0);
  expect(folder.read('began')).toBe('\n\n');
});
