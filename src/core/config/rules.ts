// What zod cannot say about a whole file: ids, phases with something in them, reporters, profiles.
// Works on any value, so that a mistake elsewhere hides nothing.

import { isMap } from '../is-map.ts';
import { describe } from './describe.ts';
import { checkIds, checkVariableNames } from './id-rules.ts';
import type { Path, Problem } from './problem.ts';
import { checkProve } from './prove-rules.ts';
import { collect, entries, type Report } from './report.ts';
import { isReporter, REPORTER_FORMS, reporterForm, REPORTERS, type ReporterName } from './reporters.ts';
import { checkSources } from './source-rules.ts';
import { checkExits, checkTask, type TaskPlace } from './task-rules.ts';

/** Problems of a `loop.config.yaml` beyond its shape. */
export function configRules(value: unknown): Problem[] {
  return collect((report) => {
    if (!isMap(value)) return;
    checkCommon(value, [], report);
    checkPhases(value, report);
    checkIds(value['profiles'], ['profiles'], report);
    for (const [name, profile] of entries(value['profiles']))
      checkProfile(profile, ['profiles', name], report);
  });
}

/** Problems of a file of `gates/` beyond its shape. */
export function gateRules(value: unknown): Problem[] {
  return collect((report) => {
    if (!isMap(value)) return;
    checkIds(value['parameters'], ['parameters'], report);
    checkSources(value, [], report);
    checkExits(value['exits'], ['exits'], report);
    checkProve(value['prove'], ['prove'], true, report);
    if (isMap(value['each'])) checkSources(repeatable(value['each']), ['each'], report);
    if (isMap(value['env'])) checkVariableNames(value['env']['set'], ['env', 'set'], report);
    if (Array.isArray(value['run']) && Object.hasOwn(value, 'shell')) {
      const mend = 'leave `shell` out, or write the command as one text';
      report({ path: ['shell'], on: 'key', message: 'a list is started without a shell', mend });
    }
  });
}

/** Names of metrics and thresholds that are repeated hold `{{key}}`, which becomes an id. */
function repeatable(each: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { ...each, metrics: forKey(each['metrics']), thresholds: forKey(each['thresholds']) };
}

function forKey(map: unknown): unknown {
  return Object.fromEntries(entries(map).map(([name, value]) => [name.replaceAll('{{key}}', 'key'), value]));
}

/** What stands at the top of the file and in profiles alike. */
function checkCommon(value: Readonly<Record<string, unknown>>, path: Path, report: Report): void {
  checkIds(value['vars'], [...path, 'vars'], report);
  checkIds(value['marks'], [...path, 'marks'], report);
  checkTask(
    value['defaults'],
    [...path, 'defaults'],
    { kind: 'either', isWhole: false, inheritsCommand: false },
    report,
  );
  const reporters = value['reporters'];
  if (!Array.isArray(reporters)) return;
  for (const [index, reporter] of reporters.entries())
    checkReporter(reporter, [...path, 'reporters', index], report);
}

function checkProfile(profile: unknown, path: Path, report: Report): void {
  if (!isMap(profile)) return;
  checkCommon(profile, path, report);
  if (Object.hasOwn(profile, 'profile')) {
    const mend = 'choose it at the top of the file, or with `--profile`';
    report({ path: [...path, 'profile'], on: 'key', message: 'a profile cannot choose a profile', mend });
  }
  for (const [list, kind] of LISTS) {
    for (const [id, task] of entries(profile[list])) {
      checkTask(task, [...path, list, id], { kind, isWhole: false, inheritsCommand: false }, report);
    }
  }
}

const LISTS = [
  ['steps', 'step'],
  ['gates', 'gate'],
] as const;

function checkPhases(file: Readonly<Record<string, unknown>>, report: Report): void {
  const { phases, defaults } = file;
  const inheritsCommand =
    isMap(defaults) && ['run', 'uses', 'judges'].some((key) => Object.hasOwn(defaults, key));
  checkIds(phases, ['phases'], report);
  if (isMap(phases) && Object.keys(phases).length === 0) {
    const mend = 'such as phases: { check: { gates: { test: { run: npm test } } } }';
    report({ path: ['phases'], on: 'key', message: 'there is no phase, so nothing would be judged', mend });
  }
  const firstPlace = new Map<string, string>();
  for (const [name, phase] of entries(phases)) {
    if (!isMap(phase)) continue;
    const path = ['phases', name];
    if (!LISTS.some(([list]) => phase[list] !== undefined && !isEmptyMap(phase[list]))) {
      const message = `phase \`${name}\` has neither steps nor gates`;
      report({
        path,
        on: 'key',
        message,
        mend: 'add `gates: { NAME: { run: COMMAND } }`, or remove the phase',
      });
    }
    for (const [list, kind] of LISTS) {
      checkIds(phase[list], [...path, list], report);
      for (const [id, task] of entries(phase[list])) {
        checkUnique(id, [...path, list, id], firstPlace, report);
        const place: TaskPlace = { kind, isWhole: true, inheritsCommand };
        checkTask(task, [...path, list, id], place, report);
      }
    }
  }
}

function isEmptyMap(value: unknown): boolean {
  return isMap(value) && Object.keys(value).length === 0;
}

function checkUnique(id: string, path: Path, firstPlace: Map<string, string>, report: Report): void {
  const first = firstPlace.get(id);
  if (first === undefined) return void firstPlace.set(id, path.slice(0, -1).join('.'));
  const message = `the task id \`${id}\` stands twice, first under ${first}`;
  report({
    path,
    on: 'key',
    message,
    mend: 'rename one: `needs`, flags and reports name tasks without their phase',
  });
}

function checkReporter(reporter: unknown, path: Path, report: Report): void {
  const known = `known: ${REPORTER_FORMS}`;
  const name = typeof reporter === 'string' ? reporter : entries(reporter)[0]?.[0];
  if (name === undefined)
    return isMap(reporter) ? report({ path, message: 'an empty reporter', mend: known }) : undefined;
  if (isMap(reporter) && Object.keys(reporter).length > 1) {
    return report({ path, message: 'expected one reporter in each entry of the list', mend: known });
  }
  if (!isReporter(name)) return report({ path, message: `unknown reporter \`${name}\``, mend: known });
  const takes = REPORTERS[name];
  if (typeof reporter === 'string') {
    if (takes === 'file')
      report({ path, message: `the reporter \`${name}\` needs a file`, mend: `{ ${name}: ${FILES[name]} }` });
    if (takes === 'auto')
      report({ path, message: `the reporter \`${name}\` says when`, mend: reporterForm(name) });
    return;
  }
  if (takes === 'nothing')
    return report({ path, message: `the reporter \`${name}\` takes no value`, mend: `write \`${name}\`` });
  const target = isMap(reporter) ? reporter[name] : undefined;
  if (takes === 'auto' && target !== 'auto')
    report({ path: [...path, name], message: `expected \`auto\`, not ${describe(target)}`, mend: known });
  if (takes === 'file' && isMap(target))
    report({ path: [...path, name], message: 'expected a file, not a map', mend: known });
}

/** A usual place of each file, for whoever named none. */
const FILES: Readonly<Partial<Record<ReporterName, string>>> = {
  junit: 'out/gates.junit.xml',
  tap: 'out/gates.tap',
  sarif: 'out/gates.sarif',
  'code-quality': 'out/code-quality.json',
};
