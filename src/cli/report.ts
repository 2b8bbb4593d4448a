// `gate-run report`: what came of the run, as Markdown and as one HTML file. It reads; a run writes the same report at its end.

import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { ReportFold, REPORTED, type Scope } from '../core/summary/report/fold.ts';
import { reportOf, reportWishes, type Report } from '../core/summary/report/report.ts';
import type { StatusFacts } from '../core/summary/status.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { redactText } from '../core/judge/redact-text.ts';
import type { Plan } from '../core/plan/plan.ts';
import {
  reportPlaces,
  usualPlaces,
  USUAL_TOP,
  WRONG_PLACE,
  type ReportPlaces,
} from '../core/plan/report-place.ts';
import { hiddenBy, toldAs } from '../core/plan/secrets.ts';
import type { LedgerPaths } from '../engine/ledger.ts';
import { readBack } from '../engine/read-back.ts';
import type { Disk, Failure } from '../ports.ts';
import { realClock } from '../system/clock.ts';
import { realDisk } from '../system/files.ts';
import { isHeld } from '../system/owner.ts';
import { plotLibrary } from '../system/plot-library.ts';
import { packageVersion } from '../system/self.ts';
import { html } from '../views/report/html.ts';
import { markdown } from '../views/report/markdown.ts';
import { pageOf } from '../views/report/page.ts';
import type { CommandRequest } from './request.ts';
import { countOf, openState, refuse, takeFlags, type State } from './state.ts';

const DAY_MS = 86_400_000;
/** Cycles that are looked at where nobody asks for more; it bounds the time, memory is bounded anyway. */
const MOST_CYCLES = 200_000;

export async function report(request: CommandRequest): Promise<number> {
  const own = { by: 'value', top: 'value', last: 'value', file: 'value' } as const;
  const { flags, rest, problem } = takeFlags(request.args, own);
  if (problem !== undefined) return refuse(request, 'report', problem);
  if (rest.length > 0) return refuse(request, 'report', `takes no words, not \`${rest.join(' ')}\``);
  for (const name of ['top', 'last'] as const) {
    if (flags[name] === undefined || countOf(flags[name]) !== undefined) continue;
    return refuse(request, 'report', `--${name} takes a number from 1, not \`${flags[name]}\``);
  }
  if (flags.file !== undefined && !reportPlaces(flags.file))
    return refuse(request, 'report', `${WRONG_PLACE.message(flags.file)}: ${WRONG_PLACE.mend}`);
  const state = await openState(request);
  if (typeof state === 'number') return state;
  const planned = state.plan?.reporters.find(({ name }) => name === 'report');
  const by = flags.by?.split(',').filter((label) => label !== '') ?? planned?.by ?? [];
  const now = realClock().now();
  const made = makeReport({
    ...state,
    disk: realDisk(),
    facts: {
      ...state,
      plan: planTold(state, request),
      ...now,
      isHeld: isHeld(state.paths.stateDir),
      cycles: state.shown.cycles,
    },
    by,
    top: Number(flags.top ?? planned?.top ?? USUAL_TOP),
    last: flags.last === undefined ? undefined : Number(flags.last),
  });
  return tell(request, made, placesOf(state, flags.file ?? planned?.file));
}

/** The ledger is redacted already, the config is not. */
function planTold({ plan }: State, { env }: CommandRequest): Plan | undefined {
  if (!plan) return undefined;
  const { secrets } = hiddenBy(plan, env);
  return toldAs(plan, (text) => redactText(text, secrets));
}

/** Where the two files go, and as people name them; undefined: nothing was asked for, and there is no place to put it. */
function placesOf(state: State, file: string | undefined): Shown | undefined {
  const { folder, plan, paths } = state;
  const named = file === undefined ? undefined : reportPlaces(file);
  if (!named && realDisk().size(paths.stateDir) === undefined) return undefined;
  const shown = named ?? usualPlaces(plan?.state.dir ?? paths.stateDir);
  return { shown, places: resolved(shown, folder) };
}

export function resolved({ markdown: one, html: other }: ReportPlaces, folder: string): ReportPlaces {
  return { markdown: resolve(folder, one), html: resolve(folder, other) };
}

interface Shown {
  readonly shown: ReportPlaces;
  readonly places: ReportPlaces;
}

function tell(request: CommandRequest, made: Report, where: Shown | undefined): number {
  const texts = textsOf(made);
  const failure = where && writeReport(realDisk(), texts, where.places);
  const files = where && !failure ? where.shown : null;
  request.write(request.json ? `${JSON.stringify({ ...made, files }, null, 2)}\n` : texts.markdown);
  if (failure) {
    request.writeError(`gate-run report: ${failure.what} could not be written: ${failure.failed}\n`);
    return EXIT.storage;
  }
  if (files && !request.json) request.writeError(`written to ${files.markdown} and ${files.html}\n`);
  return 0;
}

export interface Making {
  readonly disk: Disk;
  readonly paths: LedgerPaths;
  readonly facts: StatusFacts;
  readonly by: readonly string[];
  readonly top: number;
  /** So many cycles, whichever runs they belong to; absent: the last run. */
  readonly last?: number | undefined;
}

export function makeReport({ disk, paths, facts, by, top, last }: Making): Report {
  const scope = scopeOf(facts, last);
  const fold = new ReportFold(reportWishes(facts, { labels: by, scope }));
  readBack(disk, paths, { types: REPORTED, see: (event) => fold.see(event) });
  return reportOf({ ...facts, top, scope }, fold);
}

/** Where each cycle is a run of its own, as under cron, the night is the last day. */
function scopeOf({ progress: { run }, wall }: StatusFacts, last: number | undefined): Scope {
  if (last !== undefined) return { kind: 'range', since: '', most: last };
  if (run && run.mode !== 'once') return { kind: 'run', run: run.id, most: MOST_CYCLES };
  return { kind: 'range', since: new Date(wall - DAY_MS).toISOString(), most: MOST_CYCLES };
}

interface Texts {
  readonly markdown: string;
  readonly html: string;
}

export function textsOf(made: Report): Texts {
  const page = pageOf(made, `gate-run ${packageVersion()}`);
  return { markdown: markdown(page), html: html(page, { plotting: plotLibrary(), hash }) };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

/** Each whole or not at all. */
export function writeReport(disk: Disk, texts: Texts, places: ReportPlaces): Failure | undefined {
  return replaced(disk, places.markdown, texts.markdown) ?? replaced(disk, places.html, texts.html);
}

function replaced(disk: Disk, path: string, text: string): Failure | undefined {
  const write = () => disk.replace(path, new TextEncoder().encode(text), false);
  const failure = write();
  if (failure?.failed !== 'ENOENT') return failure;
  return disk.makeFolder(path.slice(0, path.lastIndexOf('/'))) ?? write();
}
