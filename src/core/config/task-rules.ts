// What zod cannot say about one task: what it runs, which keys fit together, which belong to gates alone.

import { GATE_KEYS } from './gate-keys.ts';
import { isMap } from '../is-map.ts';
import { checkVariableNames } from './id-rules.ts';
import { isFilledIn } from './leaf.ts';
import { nearest } from './nearest.ts';
import { notBuiltValue } from './not-built.ts';
import type { Path } from './problem.ts';
import { checkProve } from './prove-rules.ts';
import { parseDuration } from './quantity.ts';
import { entries, type Report } from './report.ts';
import { checkSources } from './source-rules.ts';
import { EXIT_WORDS } from './task-schema.ts';

const COMMANDS = ['run', 'uses', 'judges'] as const;
const CAUSES = ['timeout', 'stall', 'oom', 'signal', 'exit'];

export interface TaskPlace {
  readonly kind: 'step' | 'gate' | 'either';
  /** A whole task must say what it runs; defaults and overrides need not. */
  readonly isWhole: boolean;
  /** What it runs when it does not say so itself. */
  readonly inheritsCommand: boolean;
}

export function checkTask(task: unknown, path: Path, place: TaskPlace, report: Report): void {
  if (!isMap(task)) return;
  checkCommand(task, path, place, report);
  if (place.kind === 'step') checkStep(task, path, report);
  checkSoftness(task, path, report);
  checkSources(task, path, report);
  checkExits(task['exits'], [...path, 'exits'], report);
  checkRetry(task['retry'], [...path, 'retry'], report);
  checkStall(task['stall'], [...path, 'stall'], report);
  if (isMap(task['env'])) checkVariableNames(task['env']['set'], [...path, 'env', 'set'], report);
  const hasGate = !place.isWhole || place.inheritsCommand || Object.hasOwn(task, 'uses');
  checkProve(task['prove'], [...path, 'prove'], hasGate, report);
}

function checkCommand(
  task: Readonly<Record<string, unknown>>,
  path: Path,
  place: TaskPlace,
  report: Report,
): void {
  const kinds = place.kind === 'step' ? COMMANDS.slice(0, 1) : COMMANDS;
  const used = COMMANDS.filter((key) => Object.hasOwn(task, key));
  const [first, second] = used;
  if (first === undefined && place.isWhole && !place.inheritsCommand) {
    const kind = place.kind === 'step' ? 'step' : 'gate';
    const message = `this ${kind} has nothing to run: expected ${kinds.length > 1 ? 'exactly one of `run`, `uses`, `judges`' : '`run`'}`;
    report({ path, on: 'key', message, mend: 'add `run: COMMAND`' });
  }
  if (second !== undefined && place.kind !== 'step') {
    const message = `expected exactly one of \`run\`, \`uses\`, \`judges\`, not ${used.map((key) => `\`${key}\``).join(' and ')}`;
    report({
      path: [...path, second],
      on: 'key',
      message,
      mend: `keep one; the other task can say \`needs\``,
    });
  }
  if (place.isWhole && Object.hasOwn(task, 'with') && first !== undefined && !used.includes('uses')) {
    const mend = 'add `uses: GATE`, or put the values into the command';
    report({ path: [...path, 'with'], on: 'key', message: '`with` says nothing without `uses`', mend });
  }
  if (Array.isArray(task['run']) && Object.hasOwn(task, 'shell')) {
    const mend = 'leave `shell` out, or write the command as one text';
    report({ path: [...path, 'shell'], on: 'key', message: 'a list is started without a shell', mend });
  }
}

function checkStep(task: Readonly<Record<string, unknown>>, path: Path, report: Report): void {
  for (const key of GATE_KEYS) {
    if (!Object.hasOwn(task, key)) continue;
    const message = `\`${key}\` is for gates: a step does work, it is not judged`;
    report({ path: [...path, key], on: 'key', message, mend: 'move the task from `steps` to `gates`' });
  }
}

/** A profile that makes the gate strict takes `soft-until` away with it; in one place the two contradict each other. */
function checkSoftness(task: Readonly<Record<string, unknown>>, path: Path, report: Report): void {
  if (task['mode'] !== 'strict' || !Object.hasOwn(task, 'soft-until')) return;
  const message = '`soft-until` says nothing on a strict gate';
  report({ path: [...path, 'soft-until'], on: 'key', message, mend: 'write `mode: soft`, or leave it out' });
}

export function checkExits(exits: unknown, path: Path, report: Report): void {
  const words: readonly string[] = EXIT_WORDS;
  const means = new Map<unknown, string>();
  for (const [word, codes] of entries(exits)) {
    const at = [...path, word];
    if (!words.includes(word)) {
      const near = nearest(word, words);
      const guess = near === undefined ? '' : ` — did you mean \`${near}\`?`;
      const mend = `known here: ${words.join(', ')}`;
      report({ path: at, on: 'key', message: `unknown meaning \`${word}\` of an exit code${guess}`, mend });
    }
    for (const code of Array.isArray(codes) ? codes : [codes]) {
      const before = means.get(code);
      if (before !== undefined) {
        const message = `exit code ${String(code)} stands under \`${before}\` and \`${word}\``;
        report({ path: at, message, mend: 'keep it under one of them' });
      }
      means.set(code, word);
    }
  }
}

function checkRetry(retry: unknown, path: Path, report: Report): void {
  const causes = isMap(retry) ? retry['when'] : undefined;
  if (!Array.isArray(causes)) return;
  for (const [index, cause] of causes.entries()) {
    if (typeof cause !== 'string' || CAUSES.includes(cause) || isFilledIn(cause)) continue;
    const code = /^exit\.(\d{1,3})$/.exec(cause)?.[1];
    if (code !== undefined && Number(code) <= 255) continue;
    const notBuilt = notBuiltValue('retry.when', cause);
    const near = nearest(cause, CAUSES);
    const guess = near === undefined ? '' : ` — did you mean \`${near}\`?`;
    const message = notBuilt ?? `unknown cause \`${cause}\`${guess}`;
    report({ path: [...path, 'when', index], message, mend: `known here: ${CAUSES.join(', ')}, exit.75` });
  }
}

function checkStall(stall: unknown, path: Path, report: Report): void {
  if (!isMap(stall)) return;
  const { warn, kill } = stall;
  if (typeof warn !== 'string' || typeof kill !== 'string') {
    if (warn === undefined && kill === undefined) {
      report({
        path,
        on: 'key',
        message: '`stall` says neither `warn` nor `kill`',
        mend: 'such as `stall: 5m`',
      });
    }
    return;
  }
  const [warnMs, killMs] = [parseDuration(warn), parseDuration(kill)];
  if (typeof warnMs === 'number' && typeof killMs === 'number' && warnMs >= killMs) {
    const message = `expected the warning before the kill, not \`${warn}\` before \`${kill}\``;
    report({ path: [...path, 'warn'], message, mend: `make \`warn\` shorter than \`${kill}\`` });
  }
}
