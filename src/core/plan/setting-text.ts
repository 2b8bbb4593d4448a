// Values of a plan as a person would write them in a config, by the key they are written under.

import { championSetting, objectiveSetting } from './champion-text.ts';
import { isolationText } from './isolation.ts';
import { networkText } from './network.ts';
import { formatDuration, formatSize } from '../config/quantity.ts';
import { unreachable } from '../unreachable.ts';
import { DEFAULTS } from './limits.ts';
import { archiveSetting, exitSetting, keepSetting, loopSetting, markSetting } from './loop-text.ts';
import { commandText } from './command.ts';
import { cacheSetting, cachingSetting } from './cache-text.ts';
import { proveText } from './prove-text.ts';
import { resourcesText } from './resources-text.ts';
import { simsSetting } from './sims-text.ts';
import { writesSetting } from './writes-text.ts';
import type { NotifyPlan, PhasePlan, Plan, ReporterPlan, SourcePlan, TaskPlan } from './plan.ts';
import type { ThresholdPlan, WhenPlan } from './plan.ts';

/** By dotted key; undefined for a key that has nothing to show. */
export function planSetting(plan: Plan, key: string): string | undefined {
  const [home = '', ...rest] = key.split('.');
  const part = rest.join('.');
  switch (home) {
    case 'goal':
      return plan.goal;
    case 'profile':
      return plan.profile;
    case 'vars':
      return Object.hasOwn(plan.vars, part) ? plan.vars[part] : undefined;
    case 'jobs':
      return String(plan.jobs);
    case 'loop':
      return loopSetting(plan, part);
    case 'exit':
      return exitSetting(plan, part);
    case 'marks':
      return markSetting(plan, part);
    case 'objective':
      return objectiveSetting(plan, part);
    case 'champion':
      return championSetting(plan, part);
    case 'questions':
      return part === 'file' ? plan.questions.file : plan.questions.ask;
    case 'hooks':
      return hookSetting(plan, part);
    case 'notify':
      return (plan.notify ?? []).map(notifyText).join(', ');
    case 'redact':
      return plan.redact.join(', ');
    case 'reporters':
      return plan.reporters.map(reporterText).join(', ');
    case 'state':
      if (part.startsWith('keep.')) return keepSetting(plan.keep, part.slice('keep.'.length));
      if (part.startsWith('archive.')) return archiveSetting(plan, part.slice('archive.'.length));
      if (part.startsWith('snapshots.'))
        return new Map(Object.entries(plan.snapshots ?? {})).get(part.slice('snapshots.'.length))?.toString();
      if (part.startsWith('cache.')) return cacheSetting(plan, part.slice('cache.'.length));
      return new Map(Object.entries({ ...plan.state, logs: plan.state.cycles })).get(part);
    default:
      return undefined;
  }
}

function hookSetting({ hooks = [] }: Plan, name: string): string | undefined {
  const hook = hooks.find(({ on }) => on === name);
  return hook && `${commandText(hook.command)}, within ${formatDuration(hook.timeoutMs)}`;
}

/** Path and query of an address may be secrets. */
function notifyText(one: NotifyPlan): string {
  if (one.kind === 'heartbeat') {
    const to = 'file' in one.to ? one.to.file : new URL(one.to.url).origin;
    return `a sign of life every ${formatDuration(one.everyMs)} to ${to}`;
  }
  const signed = one.secretEnv === undefined ? '' : `, signed with ${one.secretEnv}`;
  return `${one.for.join(' and ')} to ${new URL(one.url).origin}${signed}`;
}

export function phaseSetting(
  phase: PhasePlan,
  key: 'when' | 'jobs' | 'timeout' | 'at' | 'always' | 'policy',
): string {
  if (key === 'timeout') return formatDuration(phase.timeoutMs);
  if (key === 'when') return 'see its tasks';
  return String(phase[key]);
}

/** Undefined for a key that has nothing to show. */
export function taskSetting(task: TaskPlan, key: string): string | undefined {
  switch (key) {
    case 'mode':
      return task.kind === 'gate' ? task.mode : undefined;
    case 'on-broken':
      return task.onBroken === 'soft' ? 'soft' : undefined;
    case 'fail-on':
      return task.softness?.failOn;
    case 'soft-until':
      return task.softness?.until;
    case 'quarantine-until':
      return task.softness?.quarantineUntil;
    case 'when':
      return whenText(task.when);
    case 'timeout':
      return formatDuration(task.timeoutMs);
    case 'stall':
      return `warn ${formatDuration(task.stall.warnMs)}, kill ${formatDuration(task.stall.killMs)}`;
    case 'kill-after':
      return formatDuration(task.killAfterMs);
    case 'retry':
      return retryText(task);
    case 'log-limit':
      return formatSize(task.logLimitBytes);
    case 'env':
      return envText(task);
    case 'isolation':
      return task.isolation && isolationText(task.isolation);
    case 'network':
      return task.network && networkText(task.network);
    case 'cwd':
      return task.cwd;
    case 'stdin':
      return task.stdin;
    case 'resources':
      return task.resources && resourcesText(task.resources);
    case 'writes':
      return task.writes && writesSetting(task.writes);
    case 'prove':
      return task.prove && proveText(task.prove);
    default:
      return cachingSetting(task, key) ?? judgingSetting(task, key);
  }
}

/** What a task has when nobody says otherwise. */
export function usualLimits(): string {
  const stall = `stall ${formatDuration(DEFAULTS.stallWarnMs)} to warn, ${formatDuration(DEFAULTS.stallKillMs)} to kill`;
  const log = `log-limit ${formatSize(DEFAULTS.logLimitBytes)}`;
  return `timeout ${formatDuration(DEFAULTS.taskTimeoutMs)}, ${stall}, kill-after ${formatDuration(DEFAULTS.killAfterMs)}, ${log}`;
}

function judgingSetting(
  { exits, metrics, labels, thresholds, stages, sims }: TaskPlan,
  key: string,
): string | undefined {
  switch (key) {
    case 'exits':
      return list(exits.map(({ codes, means }) => `${means} ${codes.join(' ')}`));
    case 'metrics':
      return list(
        metrics.map(
          ({ name, source, unit }) =>
            `${name}${unit === undefined ? '' : ` in ${unit}`} from ${sourceText(source)}`,
        ),
      );
    case 'labels':
      return list(labels.map(({ name, source }) => `${name} from ${sourceText(source)}`));
    case 'thresholds':
      return list(thresholds.map(thresholdText));
    case 'stages':
      return list(
        stages.map((stage) => {
          const parts = [
            ...stage.thresholds.map(thresholdText),
            ...stage.promote.map((one) => `to climb: ${thresholdText(one)}`),
          ];
          return [`${stage.count} within ${formatDuration(stage.timeoutMs)}`, ...parts].join(', ');
        }),
        '; ',
      );
    default:
      return sims && simsSetting(sims, key);
  }
}

function thresholdText({ metric, require, want }: ThresholdPlan): string {
  const parts = [require?.text, want && `(wanted: ${want.text})`].filter((part) => part !== undefined);
  return `${metric} ${parts.join(' ')}`;
}

function sourceText(source: SourcePlan): string {
  const where = 'file' in source.in ? source.in.file : source.in.stream;
  switch (source.reader) {
    case 'regex':
    case 'count':
      return `${source.reader} ${source.pattern} in ${where}`;
    case 'json':
      return `${where} at ${source.at}`;
    case 'line':
      return `the line of each simulation`;
    case 'junit':
    case 'istanbul':
    case 'lcov':
    case 'cobertura':
    case 'sarif':
      return `${source.field} of ${where}${source.folder === undefined ? '' : ` under ${source.folder}`}`;
    default:
      return unreachable(source);
  }
}

function whenText({ every, passed, failed, asks }: WhenPlan): string | undefined {
  const parts = asks.map((ask) => {
    if (ask.key === 'exists') return `${ask.paths.join(', ')} exists`;
    if (ask.key === 'command') return `${ask.names.join(', ')} on PATH`;
    const since = ask.since === undefined ? 'it last passed' : ask.since;
    return `${ask.globs.join(', ')} changed since ${since}`;
  });
  if (every !== undefined) parts.unshift(`every ${every} cycles`);
  if (passed.length > 0) parts.push(`passed ${passed.join(', ')}`);
  if (failed.length > 0) parts.push(`failed ${failed.join(', ')}`);
  return list(parts, ' and ');
}

function retryText({ retry }: TaskPlan): string | undefined {
  if (retry.limit === 0) return undefined;
  const causes = retry.when.length === 0 ? 'any cause' : retry.when.join(', ');
  const factor = retry.factor === 1 ? '' : `, times ${retry.factor} each`;
  return `${retry.limit} more for ${causes}, after ${formatDuration(retry.delayMs)}${factor}`;
}

function envText({ env }: TaskPlan): string | undefined {
  const set = Object.entries(env.set).map(([name, value]) => `${name}=${value}`);
  const pass = env.pass === undefined ? [] : [`passes ${env.pass.join(' ') || 'nothing'}`];
  return list([...pass, ...set]);
}

function reporterText({ name, file, top, by }: ReporterPlan): string {
  const rows = top === undefined ? '' : ` (top ${top})`;
  const labels = by === undefined ? '' : ` by ${by.join(', ')}`;
  return `${name}${file === undefined ? '' : `=${file}`}${rows}${labels}`;
}

function list(parts: readonly string[], separator: string = ', '): string | undefined {
  return parts.length === 0 ? undefined : parts.join(separator);
}
