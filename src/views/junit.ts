// The run as JUnit XML, in the shape of Jenkins' junit-10 schema: phases are suites, tasks are cases.
// A soft failure is no <failure>, because a CI server would turn red for it; it stands in system-out and as a property.

import type { TaskSummary } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { PhasePlan, Plan, TaskPlan } from '../core/plan/plan.ts';
import { isDue, shownVerdict } from '../core/summary/rows.ts';
import { unreachable } from '../core/unreachable.ts';
import type { View } from '../ports.ts';
import { renewedFile } from './renewed-file.ts';
import type { Replace } from './replace.ts';
import { harmless, outputOf } from './sink.ts';
import * as words from './words.ts';

export interface JunitOptions {
  readonly file: string;
  readonly replace: Replace;
  readonly readTail: (log: string) => string;
}

const TAIL_CHARACTERS = 16_384;

export function junitView(plan: Plan, { file, replace, readTail }: JunitOptions): View {
  return renewedFile(plan, {
    file,
    replace,
    textOf: (done, progress) => junitText(plan, done, progress, readTail),
  });
}

export function junitText(
  plan: Plan,
  done: readonly TaskSummary[],
  progress: Progress,
  readTail: (log: string) => string,
): string {
  const byId = new Map(done.map((task) => [task.id, task]));
  const suites = plan.phases.map((phase) =>
    suiteOf({ phase, byId, progress, readTail, cycles: plan.state.cycles }),
  );
  const sum = (key: 'tests' | 'failures' | 'errors') =>
    suites.reduce((total, suite) => total + suite[key], 0);
  const time = suites.reduce((total, suite) => total + suite.timeMs, 0);
  const attributes = `name="${attribute(plan.name)}" tests="${sum('tests')}" failures="${sum('failures')}"`;
  const head = `<testsuites ${attributes} errors="${sum('errors')}" time="${seconds(time)}">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${suites.map((suite) => suite.text).join('')}</testsuites>\n`;
}

interface Part {
  readonly phase: PhasePlan;
  readonly byId: ReadonlyMap<string, TaskSummary>;
  readonly progress: Progress;
  readonly cycles: string;
  readonly readTail: (log: string) => string;
}

interface Suite {
  readonly text: string;
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly timeMs: number;
}

function suiteOf(part: Part): Suite {
  const { phase, byId, progress } = part;
  const known = phase.tasks.flatMap((task) => byId.get(task.id) ?? []);
  const isMissing = (task: TaskPlan) => !byId.has(task.id) && isDue(phase, progress);
  const count = (verdict: TaskSummary['verdict']) =>
    known.filter((task) => shownVerdict(task) === verdict).length;
  const errors = count('broken') + phase.tasks.filter(isMissing).length;
  const skipped = phase.tasks.length - errors - count('failed') - count('passed') - count('soft-failed');
  const timeMs = known.reduce((total, task) => total + task.durationMs, 0);
  const numbers = `tests="${phase.tasks.length}" failures="${count('failed')}" errors="${errors}" skipped="${skipped}"`;
  const since = progress.run === undefined ? '' : ` timestamp="${attribute(progress.run.startedAt)}"`;
  const properties = known.flatMap(propertiesOf).map(([name, value]) => propertyText(name, value));
  const cases = phase.tasks.map((task) => caseText(task, byId.get(task.id), part));
  const text = [
    `  <testsuite name="${attribute(phase.id)}" ${numbers} time="${seconds(timeMs)}"${since}>\n`,
    properties.length === 0 ? '' : `    <properties>\n${properties.join('')}    </properties>\n`,
    ...cases,
    '  </testsuite>\n',
  ].join('');
  return { text, tests: phase.tasks.length, failures: count('failed'), errors, timeMs };
}

/** The schema knows properties of suites only, so a metric carries the name of its task. */
function propertiesOf(task: TaskSummary): (readonly [string, string])[] {
  const metrics = Object.entries(task.metrics).map(
    ([name, value]) => [`${task.id}.${name}`, String(value)] as const,
  );
  const labels = Object.entries(task.labels).map(([name, value]) => [`${task.id}.${name}`, value] as const);
  const soft = task.verdict === 'soft-failed' ? [[`${task.id}.verdict`, 'soft-failed'] as const] : [];
  const cached = task.cached ? [[`${task.id}.cached`, task.cached.at] as const] : [];
  return [...soft, ...cached, ...metrics, ...labels];
}

function caseText(plan: TaskPlan, task: TaskSummary | undefined, part: Part): string {
  const name = `name="${attribute(plan.id)}" classname="${attribute(plan.phase)}"`;
  const time = task ? ` time="${seconds(task.durationMs)}"` : '';
  const body = bodyOf(task, part);
  return body === ''
    ? `    <testcase ${name}${time}/>\n`
    : `    <testcase ${name}${time}>\n${body}    </testcase>\n`;
}

function bodyOf(task: TaskSummary | undefined, part: Part): string {
  if (!task) {
    if (!isDue(part.phase, part.progress)) return element('skipped', { message: 'not its turn' });
    return element('error', { type: 'unfinished', message: words.UNFINISHED });
  }
  const verdict = shownVerdict(task);
  switch (verdict) {
    case 'passed':
      return task.flaky ? element('flakyFailure', { type: 'retry', message: words.taskText(task) }) : '';
    case 'soft-failed':
      return element('system-out', {}, `${words.taskText(task)}\n${logText(task, part)}`);
    case 'failed':
      return element('failure', reasonOf(task), logText(task, part));
    case 'broken':
      return element('error', reasonOf(task), logText(task, part));
    case 'skipped':
      return element('skipped', { message: words.skippedText(task) });
    default:
      return unreachable(verdict);
  }
}

function reasonOf(task: TaskSummary): { readonly type: string; readonly message: string } {
  return { type: task.outcome ?? task.verdict, message: words.errorText(task) };
}

function logText(task: TaskSummary, part: Part): string {
  if (task.log === undefined) return '';
  return `log ${part.cycles}/${task.log}\n${outputOf(part.readTail(task.log)).slice(-TAIL_CHARACTERS)}`;
}

function element(name: string, attributes: Readonly<Record<string, string>>, text = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(value)}"`);
  const open = `      <${name}${written.join('')}`;
  return text === '' ? `${open}/>\n` : `${open}>${xmlText(text)}</${name}>\n`;
}

function propertyText(name: string, value: string): string {
  return `      <property name="${attribute(name)}" value="${attribute(value)}"/>\n`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** No CDATA, so `]]>` needs no care of its own; what XML 1.0 cannot hold at all is left out. */
function xmlText(text: string): string {
  const clean = harmless(text, false).replaceAll(/[\uFFFE\uFFFF]/g, '');
  return clean.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function attribute(text: string): string {
  return xmlText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}
