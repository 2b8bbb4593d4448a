// Where a run leaves things: the state directory, the questions file, the reporters. Paths stay as written.

import type { ReporterConfig } from '../config/config.ts';
import type { Path } from '../config/problem.ts';
import { isReporter, REPORTER_NAMES, REPORTERS } from '../config/reporters.ts';
import type { Draft } from './draft.ts';
import { unknownWord } from './names.ts';
import type { Plan, ReporterPlan, StatePlan } from './plan.ts';
import { Reader } from './reader.ts';
import { readRedact } from './redact.ts';
import { absolute, filesOf, filesTaken } from './own-paths.ts';
import { readReport, reportPlaces, WRONG_PLACE } from './report-place.ts';
import { plainNames } from './vars.ts';

export const DEFAULT_STATE_DIR = '.gate-run';
const DEFAULT_ASK = 'ChatGPT @codex';

type Outputs = Pick<Plan, 'state' | 'questions' | 'redact' | 'reporters'>;

/** `file`: what the config is called. */
export function readOutputs(draft: Draft, file: string | undefined): Outputs {
  const { settings, problems, fixed } = draft;
  const reader = new Reader(settings.layers, plainNames(fixed.values), problems);
  const state = readState(draft, reader);
  const { file: written, ask } = settings.top.questions ?? {};
  const outputs = {
    state,
    questions: {
      file: readPath(written, {
        path: ['questions', 'file'],
        reader,
        otherwise: `${state.dir}/questions.md`,
      }),
      ask: ask === undefined ? DEFAULT_ASK : (reader.text(ask, ['questions', 'ask']) ?? DEFAULT_ASK),
    },
    redact: readRedact(draft, reader),
    reporters: readReporters(draft, reader),
  };
  refuseCollisions(outputs, file, reader);
  return outputs;
}

/** Two things written to one file would destroy each other, and one of them may be the ledger. */
function refuseCollisions(
  { state, questions, reporters }: Outputs,
  file: string | undefined,
  reader: Reader,
): void {
  const taken = new Map([...filesTaken(state.dir, file), [absolute(state.history), 'the ledger']]);
  const claim = (path: string, what: string, key: Path): void => {
    const other = taken.get(absolute(path));
    if (other === undefined) taken.set(absolute(path), what);
    else reader.say(key, `\`${path}\` is ${other} already`, { mend: 'give each its own file' });
  };
  claim(state.latest, 'the summary for scripts', ['state', 'latest']);
  claim(questions.file, 'the questions file', ['questions', 'file']);
  for (const reporter of reporters)
    for (const one of filesOf(reporter)) claim(one, `the report of ${reporter.name}`, ['reporters']);
}

function readState({ settings }: Draft, reader: Reader): StatePlan {
  const { dir: folder, history, latest, logs } = settings.top.state ?? {};
  const dir = readPath(folder, { path: ['state', 'dir'], reader, otherwise: DEFAULT_STATE_DIR });
  const inState = (key: 'history' | 'latest' | 'logs', written: string | undefined, name: string) =>
    readPath(written, { path: ['state', key], reader, otherwise: `${dir}/${name}` });
  return {
    dir,
    history: inState('history', history, 'history.jsonl'),
    latest: inState('latest', latest, 'latest.json'),
    cycles: inState('logs', logs, 'cycles'),
  };
}

function readPath(
  written: string | undefined,
  { path, reader, otherwise }: { path: Path; reader: Reader; otherwise: string },
): string {
  if (written === undefined) return otherwise;
  const text = reader.text(written, path);
  if (text !== undefined && text.trim() === '') reader.say(path, 'an empty path');
  // The slash at the end says nothing, and would double in every path below it.
  return text === undefined ? otherwise : text.replace(/(?<=.)\/+$/, '');
}

const DEFAULT_REPORTERS: readonly ReporterPlan[] = [{ name: 'terminal' }, { name: 'github' }];

/** A reporter from a flag stands in for the one of the same name; `terminal` and `plain` stand in for each other. */
function readReporters({ settings, flags, problems }: Draft, reader: Reader): readonly ReporterPlan[] {
  const written = settings.top.reporters?.flatMap((reporter, at) =>
    readReporter(reporter, ['reporters', at], reader),
  );
  const flagged = flags.reporters.flatMap((text) => {
    const [name = '', ...file] = text.split('=');
    return reporterOf(name, file.length === 0 ? undefined : file.join('='), (message, mend) => {
      problems.push({ file: '--reporter', message, ...(mend === undefined ? {} : { mend }) });
    });
  });
  const kept = (written ?? DEFAULT_REPORTERS).filter(
    ({ name }) => !flagged.some((flag) => screen(flag.name) === screen(name)),
  );
  return [...kept, ...flagged];
}

function screen(name: ReporterPlan['name']): string {
  return name === 'plain' ? 'terminal' : name;
}

function readReporter(written: ReporterConfig, path: Path, reader: Reader): readonly ReporterPlan[] {
  const say = (message: string, mend?: string) =>
    reader.say(path, message, mend === undefined ? {} : { mend });
  if (typeof written === 'string') return reporterOf(written, undefined, say);
  const entries = Object.entries(written);
  if (entries.length !== 1) say('one reporter is one entry of the list', 'write `- junit: FILE`');
  return entries.flatMap(([name, value]) => {
    if (typeof value === 'string') return reporterOf(name, reader.text(value, [...path, name]), say);
    if (name === 'report') return [readReport(value, [...path, name], reader)];
    say(`\`${name}\` takes no map`);
    return [];
  });
}

function reporterOf(
  written: string,
  file: string | undefined,
  say: (message: string, mend?: string) => void,
): readonly ReporterPlan[] {
  if (!isReporter(written)) {
    say(unknownWord('reporter', written, REPORTER_NAMES), `known are ${REPORTER_NAMES.join(', ')}`);
    return [];
  }
  const takes = REPORTERS[written];
  if (takes === 'file') {
    if (file === undefined || file.trim() === '')
      say(
        `\`${written}\` without a file`,
        `write \`${written}: FILE\`, or as a flag \`--reporter ${written}=FILE\``,
      );
    return [{ name: written, file: file ?? '' }];
  }
  if (written === 'report' && file !== undefined) {
    if (reportPlaces(file) === undefined) say(WRONG_PLACE.message(file), WRONG_PLACE.mend);
    return [{ name: written, file }];
  }
  if (file !== undefined && !(takes === 'auto' && file === 'auto'))
    say(`\`${written}\` writes no file`, `write \`${written}\` alone`);
  return [{ name: written }];
}
