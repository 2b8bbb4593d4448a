// `gate-run champion robustness`: measures the champion again, batch by batch on other seeds, beside whatever runs. It takes no lock and
// writes no ledger.

import { basename } from 'node:path';
import { TREE, type ChampionRecord } from '../core/loop/champion-record.ts';
import type { CycleEnded } from '../core/loop/event.ts';
import { cycleFolder } from '../core/loop/names.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { valuesMeasured } from '../core/loop/values.ts';
import { againPlan, baseOf } from '../core/plan/again.ts';
import type { ObjectivePlan } from '../core/plan/champion-plan.ts';
import { robustnessOf, type Batch, type RobustnessAnswer } from '../core/summary/robustness.ts';
import { foundRecord, layFiles, type Damaged, type FoundPlace } from '../engine/champion-found.ts';
import { readState } from '../engine/read.ts';
import { sumOfBytes } from '../system/digest.ts';
import { realDisk } from '../system/files.ts';
import { makeTemporary, removeFolder } from '../system/temporary.ts';
import { robustnessText } from '../views/champion.ts';
import { carryOut, withLogsIn } from './ad-hoc.ts';
import type { Arguments } from './args.ts';
import { loadLoop, type Loop } from './load.ts';
import type { CommandRequest } from './request.ts';
import { sayFailure, sayProblems } from './say.ts';
import { countOf, refuse } from './state.ts';
import type { Terminal } from './terminal.ts';
import { openUnitsFor, lackingText } from './units.ts';
import { openWorld } from './world.ts';

const FEWEST_BATCHES = 2;
const MOST_BATCHES = 100;
const USUAL_BATCHES = 3;

interface Asked {
  readonly terminal: Terminal;
  readonly request: CommandRequest;
  readonly batches: string | undefined;
}

export async function robustness(
  args: Arguments,
  { terminal, request, batches: wanted }: Asked,
): Promise<number> {
  const loop = await loadLoop(args, terminal.env);
  if ('problems' in loop) return sayProblems(terminal, loop);
  const { objective, champion: planned } = loop.plan;
  const usual = planned?.robustness.batches ?? USUAL_BATCHES;
  const batches = wanted === undefined ? usual : countOf(wanted);
  if (batches === undefined || batches < FEWEST_BATCHES || batches > MOST_BATCHES)
    return refuse(
      request,
      'champion',
      `--batches takes a number from ${FEWEST_BATCHES} to ${MOST_BATCHES}, not \`${wanted}\``,
    );
  const state = readState(realDisk(), loop.paths);
  if (!('progress' in state)) return sayFailure(terminal, state, loop);
  const { champion } = state.progress;
  if (!objective || !champion)
    return refuse(
      request,
      'champion',
      objective ? 'there is no champion yet' : 'the config has no `objective`',
    );
  const place = { disk: realDisk(), stateDir: loop.paths.stateDir, digest: sumOfBytes };
  const record = foundRecord(place, champion.cycle, champion.sum);
  if ('damaged' in record) return damaged(request, record);
  const why = whyNotAgain(loop, objective, record);
  if (why !== undefined) return refuse(request, 'champion', `it cannot be measured again: ${why}`);
  const measured = await measure({ terminal, loop, objective, place, record, batches });
  if ('damaged' in measured) return damaged(request, measured);
  const found = robustnessOf(measured, planned?.robustness ?? { batches, bands: [] });
  const exit = found.spread === null ? EXIT.broken : EXIT.passed;
  const { cycle, metric, value: crowned } = champion;
  const answer: RobustnessAnswer = {
    schemaVersion: 1,
    exit,
    cycle,
    metric,
    crowned,
    batches: measured,
    ...found,
  };
  request.write(request.json ? `${JSON.stringify(answer, null, 2)}\n` : robustnessText(answer));
  return exit;
}

function damaged(request: CommandRequest, { damaged: why }: Damaged): number {
  request.writeError(`gate-run champion: it cannot be measured again: ${why}\n`);
  return EXIT.storage;
}

function whyNotAgain(
  { plan }: Loop,
  objective: ObjectivePlan,
  { files }: ChampionRecord,
): string | undefined {
  if (!againPlan(plan, objective, 1)) return `\`${objective.task}\` has no command of its own`;
  const tree = files.find(({ path }) => path.startsWith(`${TREE}/`));
  if (!tree) return undefined;
  return `${tree.path.slice(TREE.length + 1)} lies in the work tree, where something else may stand by now — keep it in \`{{cycle.dir}}\``;
}

interface Measuring {
  readonly terminal: Terminal;
  readonly loop: Loop;
  readonly objective: ObjectivePlan;
  readonly place: FoundPlace;
  readonly record: ChampionRecord;
  readonly batches: number;
}

async function measure(measuring: Measuring): Promise<readonly Batch[] | Damaged> {
  const { terminal, loop, place, record, batches } = measuring;
  const logs = makeTemporary('gate-run-robustness-');
  const held = await openUnitsFor(loop.plan);
  if ('lacks' in held) return { damaged: lackingText(held).says };
  const here = await openWorld(loop.plan, { folder: loop.folder, units: held.units }, terminal.env);
  const found: Batch[] = [];
  try {
    for (let nth = 1; nth <= batches; nth += 1) {
      const folder = `${logs}/${basename(logs)}-${nth}`;
      const failed = layFiles(place, record, `${folder}/${cycleFolder(1, 'cycle')}`);
      if (failed) return 'damaged' in failed ? failed : { damaged: failed.unlaid };
      const plan = againPlan(loop.plan, measuring.objective, nth);
      if (!plan) break;
      const end = await carryOut({ terminal, loop: withLogsIn({ ...loop, plan }, folder), here, views: [] });
      found.push(batchOf(measuring.objective, nth, end.progress.last));
      terminal.err.write(`batch ${nth} of ${batches} measured\n`);
      if (end.progress.run?.stop) break;
    }
    return found.length < batches ? [...found, stopped(measuring.objective, found.length + 1)] : found;
  } finally {
    here.close();
    await held.close();
    removeFolder(logs);
  }
}

function batchOf(objective: ObjectivePlan, nth: number, last: CycleEnded | undefined): Batch {
  const base = baseOf(objective, nth) ?? null;
  const task = last?.tasks.find(({ id }) => id === objective.task);
  const value = task?.verdict === 'passed' ? new Map(valuesMeasured(task)).get(objective.key) : undefined;
  if (value !== undefined) return { base, value, why: null };
  return { base, value: null, why: task?.reasons[0] ?? 'it was not measured to the end' };
}

function stopped(objective: ObjectivePlan, nth: number): Batch {
  return { base: baseOf(objective, nth) ?? null, value: null, why: 'stopped' };
}
