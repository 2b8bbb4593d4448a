// What a run found, as a SARIF 2.1.0 log: one rule for each task, one result for each place. What could not be judged is no
// result but a notification of a run that did not succeed, so that no reader takes silence for health.

import type { Invocation, Location, Log, Notification, ReportingDescriptor, Result } from 'sarif';
import type { TaskSummary } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Plan } from '../core/plan/plan.ts';
import { countText } from '../core/summary/amounts.ts';
import type { View } from '../ports.ts';
import { finderOf } from './found.ts';
import type { AllFound, Found, FoundOptions } from './found.ts';
import { renewedFile } from './renewed-file.ts';
import type { Replace } from './replace.ts';

export interface SarifOptions extends FoundOptions {
  readonly file: string;
  readonly replace: Replace;
  readonly version: string;
}

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json';

export function sarifView(plan: Plan, options: SarifOptions): View {
  const { file, replace } = options;
  const find = finderOf(plan, options);
  const textOf = (done: readonly TaskSummary[], progress: Progress) =>
    `${JSON.stringify(logOf(plan, find(done, progress), options), null, 1)}\n`;
  return renewedFile(plan, { file, replace, textOf });
}

function logOf(plan: Plan, all: AllFound, { version, workspace }: SarifOptions): Log {
  const tasks = plan.phases.flatMap((phase) => phase.tasks);
  const indexOf = new Map(tasks.map((task, index) => [task.id, index]));
  const rules = tasks.map((task): ReportingDescriptor => ({
    id: task.id,
    shortDescription: told(`The ${task.kind} ${task.id} of ${plan.name}`),
    defaultConfiguration: { level: task.mode === 'soft' ? 'warning' : 'error' },
  }));
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'gate-run', semanticVersion: version, rules } },
        automationDetails: { id: `gate-run/${plan.name}/` },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { [ROOT]: { uri: `${uriOf(workspace.replace(/\/+$/, ''))}/` } },
        invocations: [invocationOf(all)],
        results: all.found.filter(isResult).map((one) => resultOf(one, indexOf.get(one.task))),
      },
    ],
  };
}

/** The name by which readers know the checkout. */
const ROOT = '%SRCROOT%';

function isResult({ verdict }: Found): boolean {
  return verdict === 'failed' || verdict === 'soft-failed';
}

function invocationOf({ found, leftOut }: AllFound): Invocation {
  const trouble = found.filter((one) => !isResult(one));
  const notes = trouble.map((one): Notification => ({
    associatedRule: { id: one.task },
    level: 'error',
    message: told(`${one.task} ${one.verdict}: ${one.message}`),
    locations: [locationOf(one)],
  }));
  if (leftOut > 0)
    notes.push({ level: 'warning', message: told(`${countText(leftOut, 'more finding')} left out`) });
  return { executionSuccessful: trouble.length === 0, toolExecutionNotifications: notes };
}

function resultOf(one: Found, ruleIndex: number | undefined): Result {
  return {
    ruleId: one.task,
    ...(ruleIndex !== undefined && { ruleIndex }),
    level: one.verdict === 'soft-failed' ? 'warning' : 'error',
    message: told(one.message),
    locations: [locationOf(one)],
    partialFingerprints: { 'gateRun/v1': one.fingerprint },
  };
}

/** A single brace begins a placeholder in a message (SARIF 2.1.0, 3.11.5). */
function told(text: string): { text: string } {
  return { text: text.replaceAll(/[{}]/g, '$&$&') };
}

function locationOf({ file, line, column }: Found): Location {
  const isWhole = file.startsWith('/');
  const artifactLocation = isWhole ? { uri: uriOf(file) } : { uri: escaped(file), uriBaseId: ROOT };
  const region = {
    startLine: Math.max(1, line ?? 1),
    ...(column !== undefined && column > 0 && { startColumn: column }),
  };
  return { physicalLocation: { artifactLocation, region } };
}

function uriOf(path: string): string {
  return `file://${escaped(path)}`;
}

function escaped(path: string): string {
  return path.toWellFormed().split('/').map(encodeURIComponent).join('/');
}
