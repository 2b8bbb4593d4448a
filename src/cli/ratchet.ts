// `gate-run ratchet`: how much room the thresholds leave; `--pin` writes the tighter limits into the config, and nothing else.

import { basename, extname } from 'node:path';
import { ratchetsOf, type Ratchet } from '../core/baseline/ratchet.ts';
import type { Path } from '../core/config/problem.ts';
import { EXIT } from '../core/loop/run-end.ts';
import type { Plan } from '../core/plan/plan.ts';
import { realDisk } from '../system/files.ts';
import { isHeld } from '../system/owner.ts';
import { ratchetText, type RatchetRow } from '../views/ratchet.ts';
import type { CommandRequest } from './request.ts';
import { openState, refuse, takeFlags, type State } from './state.ts';

export async function ratchet(request: CommandRequest): Promise<number> {
  const { flags, rest, problem } = takeFlags(request.args, { pin: 'none' });
  if (problem !== undefined) return refuse(request, 'ratchet', problem);
  const state = await openState(request);
  if (typeof state === 'number') return state;
  const { plan, file, progress } = state;
  // Without a plan there are no thresholds; what is wrong with the config is said already.
  if (!plan || file === undefined) return EXIT.usage;
  const all = ratchetsOf(plan, progress);
  const unknown = rest.find((word) => !all.some((one) => isMeant(one, word)));
  if (unknown !== undefined)
    return refuse(request, 'ratchet', `no threshold is called \`${unknown}\`; there is ${namesOf(all)}`);
  const meant = all.filter((one) => rest.length === 0 || rest.some((word) => isMeant(one, word)));
  const isUnderWay = isHeld(state.paths.stateDir) === true;
  const done = flags.pin === undefined ? meant.map(listed) : await pinAll(meant, { plan, file });
  if (typeof done === 'string') return refuse(request, 'ratchet', done);
  const exit = done.some(({ byHand }) => byHand !== null) ? EXIT.usage : EXIT.passed;
  const answer = { schemaVersion: 1, exit, file, isUnderWay, ratchets: done };
  if (request.json) request.write(`${JSON.stringify(answer, null, 2)}\n`);
  else request.write(ratchetText(done, request.color));
  if (isUnderWay && done.some(({ written }) => written)) sayUnderWay(request, state);
  return exit;
}

type Row = RatchetRow & Pick<Ratchet, 'task' | 'pin'>;

function isMeant({ name, task }: Ratchet, word: string): boolean {
  return word === name || word === task;
}

function namesOf(all: readonly Ratchet[]): string {
  return all.length === 0 ? 'none' : all.map(({ name }) => name).join(', ');
}

function listed({ path: _path, from: _from, ...row }: Ratchet): Row {
  return { ...row, written: false, byHand: null };
}

interface Config {
  readonly plan: Plan;
  /** Absolute. */
  readonly file: string;
}

const NO_FILE_OF_DATA = 'only a config in YAML is written by gate-run';

/** All pins that can be written, in one replacement of the file; or why nothing was. */
async function pinAll(meant: readonly Ratchet[], { plan, file }: Config): Promise<readonly Row[] | string> {
  const isYaml = ['.yaml', '.yml'].includes(extname(file));
  const before = isYaml ? textOf(file) : '';
  if (before === undefined) return `${file} could not be read: nothing was written`;
  let text = before;
  const rows: Row[] = [];
  for (const one of meant) {
    const row = listed(one);
    if (one.pin === null || one.from === null) rows.push(row);
    else if (!isYaml) rows.push(byHand(row, one, NO_FILE_OF_DATA));
    else {
      const next = await pinOne(text, one, plan);
      if ('refused' in next) rows.push(byHand(row, { ...one, path: wins(one, plan) }, next.refused));
      else {
        ({ text } = next);
        rows.push({ ...row, written: true });
      }
    }
  }
  return text === before ? rows : ((await write(text, { file, before })) ?? rows);
}

/** A profile in force that has the threshold has the last word. */
async function pinOne(text: string, { path, from, pin }: Ratchet, { profile }: Plan) {
  const { pinned } = await import('../core/config/pin.ts');
  if (!from || !pin) throw new Error('bug: nothing to pin');
  const ofProfile = profile === undefined ? [] : [['profiles', profile, ...path.slice(2)]];
  for (const place of ofProfile) {
    const found = pinned(text, { path: place, from, to: pin });
    if (!('refused' in found) || found.isThere) return found;
  }
  return pinned(text, { path, from, to: pin });
}

/** Where a limit has the last word: a profile in force that says anything of the gate's limits lies above the gate. */
function wins({ task, path }: Ratchet, { profile, sources }: Plan): Path {
  const isProfiled = profile !== undefined && sources[`gates.${task}.thresholds`] === 'profile';
  return isProfiled ? ['profiles', profile, ...path.slice(2)] : path;
}

function byHand(row: Row, { path, pin }: Ratchet, why: string): Row {
  return { ...row, why, byHand: `${path.join('.')}: "${pin?.text ?? ''}"` };
}

/** Whole or not at all, with what the old one had of mode and links; undefined: it is written. */
async function write(
  text: string,
  { file, before }: { readonly file: string; readonly before: string },
): Promise<string | undefined> {
  const { parseConfig } = await import('../core/config/parse.ts');
  const { problems } = parseConfig(text, basename(file));
  if (problems) throw new Error(`bug: a pin spoils the config: ${problems[0]?.message ?? ''}`);
  if (textOf(file) !== before) return 'the config was changed meanwhile: nothing was written, try again';
  const failure = realDisk().replace(file, new TextEncoder().encode(text), true);
  return failure && `nothing was written: ${failure.what} (${failure.failed})`;
}

/** With its byte order mark, which has to stay. */
function textOf(file: string): string | undefined {
  const bytes = realDisk().read(file);
  return bytes instanceof Uint8Array
    ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
    : undefined;
}

function sayUnderWay(request: CommandRequest, { progress }: State): void {
  const run = progress.run?.id ?? '';
  request.writeError(
    `a run is under way (${run}): it goes on with the limits that it began with;\n` +
      '  a later start carries it on only with --accept-config\n',
  );
}
