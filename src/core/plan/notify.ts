// `notify` as written → who is told of what: webhooks, and signs of life for somebody who watches that they go on.

import type { NotifyConfig } from '../config/beside-config.ts';
import type { Path } from '../config/problem.ts';
import type { Draft } from './draft.ts';
import { unknownWord } from './names.ts';
import { absolute, ownPaths } from './own-paths.ts';
import type { NoticeKind, NotifyPlan, Plan } from './plan.ts';
import { Reader } from './reader.ts';
import { plainNames } from './vars.ts';

const KINDS: readonly NoticeKind[] = ['info', 'warning', 'critical', 'champion', 'exit'];
const USUAL_KINDS: readonly NoticeKind[] = ['critical', 'exit'];
const USUAL_TIMEOUT_MS = 10_000;
const LONGEST_TIMEOUT_MS = 60_000;
const USUAL_EVERY_MS = 60_000;
const SHORTEST_EVERY_MS = 1000;
const LONGEST_EVERY_MS = 24 * 3_600_000;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

type Own = Pick<Plan, 'state' | 'questions' | 'reporters' | 'loop'>;

/** `file`: what the config is called. */
export function readNotify(
  { settings, fixed, problems, flags }: Draft,
  own: Own,
  file: string | undefined,
): readonly NotifyPlan[] {
  if (flags.tasks.length > 0) return [];
  const reader = new Reader(settings.layers, plainNames(fixed.values), problems);
  const plans = (settings.top.notify ?? []).map((written, at) => readOne(written, ['notify', at], reader));
  plans.forEach((some, at) => refuseTaken(some, { own, file, path: ['notify', at, 'heartbeat'], reader }));
  return plans.flat();
}

/** A heartbeat is written over whatever is there. */
function refuseTaken(
  plans: readonly NotifyPlan[],
  { own, file, path, reader }: { own: Own; file: string | undefined; path: Path; reader: Reader },
): void {
  const all = [...ownPaths(own, file), [own.loop.stopFile, 'the stop file'] as const];
  for (const one of plans) {
    if (one.kind !== 'heartbeat' || !('file' in one.to)) continue;
    const { file: beat } = one.to;
    const taken = all.find(([other]) => absolute(other) === absolute(beat));
    if (taken) reader.say(path, `\`${beat}\` is ${taken[1]}`, { mend: 'give each its own file' });
  }
}

function readOne(written: NotifyConfig, path: Path, reader: Reader): readonly NotifyPlan[] {
  const { webhook, heartbeat } = written;
  if ((webhook === undefined) === (heartbeat === undefined)) {
    const mend = 'write `webhook: URL`, or `heartbeat: FILE`, each as one entry';
    reader.say(path, 'expected a webhook or a heartbeat', { mend });
    return [];
  }
  return webhook === undefined
    ? readHeartbeat(heartbeat ?? '', written, { path, reader })
    : readWebhook(webhook, written, { path, reader });
}

interface Place {
  readonly path: Path;
  readonly reader: Reader;
}

function readWebhook(webhook: string, written: NotifyConfig, { path, reader }: Place): readonly NotifyPlan[] {
  if (written.every !== undefined)
    reader.say([...path, 'every'], '`every` belongs to a heartbeat', { on: 'key', mend: 'leave it out' });
  const url = reader.text(webhook, [...path, 'webhook']);
  if (url !== undefined && !isUrl(url))
    reader.say([...path, 'webhook'], 'no address', { mend: 'write such as `https://example.com/hook`' });
  else if (url !== undefined) refuseNamed(url, [...path, 'webhook'], reader);
  const kinds = (written.for ?? USUAL_KINDS).flatMap((word, at): readonly NoticeKind[] => {
    const kind = KINDS.find((known) => known === word);
    if (kind !== undefined) return [kind];
    const mend = `known are ${KINDS.join(', ')}`;
    reader.say([...path, 'for', at], unknownWord('notice', word, KINDS), { mend });
    return [];
  });
  const secretEnv = written.secret?.env;
  if (secretEnv !== undefined && !VARIABLE.test(secretEnv))
    reader.say([...path, 'secret', 'env'], `\`${secretEnv}\` is no name of a variable`);
  const timeoutMs = reader.limit(written.timeout, [...path, 'timeout'], USUAL_TIMEOUT_MS);
  if (timeoutMs === 'never' || timeoutMs > LONGEST_TIMEOUT_MS) {
    reader.say([...path, 'timeout'], 'a try may take a minute at most', { mend: 'write such as `10s`' });
    return [];
  }
  return url === undefined ? [] : [{ kind: 'webhook', url, for: kinds, secretEnv, timeoutMs }];
}

function readHeartbeat(
  heartbeat: string,
  { every, ...written }: NotifyConfig,
  { path, reader }: Place,
): readonly NotifyPlan[] {
  for (const key of ['for', 'secret', 'timeout'] as const)
    if (written[key] !== undefined)
      reader.say([...path, key], `\`${key}\` belongs to a webhook`, { on: 'key', mend: 'leave it out' });
  const to = reader.text(heartbeat, [...path, 'heartbeat']);
  const everyMs = reader.duration(every, [...path, 'every'], USUAL_EVERY_MS);
  if (everyMs < SHORTEST_EVERY_MS || everyMs > LONGEST_EVERY_MS)
    reader.say([...path, 'every'], 'a sign of life from once a second to once a day', { mend: 'write `1m`' });
  if (to === undefined) return [];
  if (/^https?:/i.test(to) && !isUrl(to))
    reader.say([...path, 'heartbeat'], 'no address', { mend: 'write such as `https://example.com/ping`' });
  if (isUrl(to)) refuseNamed(to, [...path, 'heartbeat'], reader);
  return [{ kind: 'heartbeat', to: isUrl(to) ? { url: to } : { file: to }, everyMs }];
}

/** `fetch` calls none, and what stands there would be told in messages. */
function refuseNamed(url: string, path: Path, reader: Reader): void {
  const { username, password } = new URL(url);
  if (username + password === '') return;
  reader.say(path, 'an address with a name or a password in it cannot be called', {
    mend: 'take them out; a webhook is signed with `secret: { env: NAME }`',
  });
}

function isUrl(text: string): boolean {
  return /^https?:\/\/[^\s/]/i.test(text) && URL.canParse(text);
}
