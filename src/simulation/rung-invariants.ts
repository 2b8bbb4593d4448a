// What must hold of simulations: none is run twice in a cycle but one that failed, and what is told of a rung adds up.

import type { AttemptEnded } from '../core/cycle/event.ts';
import { crc32 } from '../core/crc32.ts';
import type { Recorded } from '../core/loop/event.ts';
import { cycleFolder } from '../core/loop/names.ts';
import type { Disk } from '../ports.ts';

export function noSeedTwice(events: readonly Recorded[]): string[] {
  const broken: string[] = [];
  const before = new Map<string, AttemptEnded>();
  for (const event of events) {
    if (event.type === 'cycle.started') before.clear();
    if (event.type !== 'attempt.ended' || !event.sims) continue;
    const why = whyNot(event, before.get(event.task));
    if (why !== undefined) broken.push(`${event.task} ${event.rung}: ${why} (seq ${event.seq})`);
    before.set(event.task, event);
  }
  return broken;
}

function whyNot({ sims, attempt }: AttemptEnded, before: AttemptEnded | undefined): string | undefined {
  if (!sims) return undefined;
  const { planned, done, failed, reused, early } = sims;
  if (done + failed > planned) return `${done + failed} simulations of ${planned}`;
  if (reused > done + failed) return `${reused} taken over, ${done + failed} known`;
  const means = Object.values(sims.metrics).filter(({ n }) => n !== done);
  if (means.length > 0) return `a value of ${means[0]?.n} simulations, ${done} are done`;
  const last = before?.sims;
  if (!last || early) return undefined;
  const known = last.done + (attempt === 1 ? last.failed : 0);
  return reused < known ? `${known} were known, and ${reused} were taken over` : undefined;
}

/**
 * What the last rung of a cycle left is what its file holds, and each has left something. A rehearsal writes no file. A rung whose end never reached
 * the ledger may have written its file all the same; nobody takes such values over.
 */
export function valuesAgree(disk: Disk, cycles: string, events: readonly Recorded[]): string[] {
  const last = new Map<string, { readonly path: string; readonly crc: string }>();
  const unkept: string[] = [];
  let folder = '';
  for (const event of events) {
    if (event.type === 'cycle.started') folder = cycleFolder(event.cycle, event.turn);
    if (event.type === 'attempt.started') last.delete(`${folder} ${event.task}`);
    if (event.type !== 'attempt.ended' || !event.sims) continue;
    const { done, failed, values } = event.sims;
    if (done + failed > 0 && !values)
      unkept.push(`${event.task} ${event.rung}: its values were not kept (seq ${event.seq})`);
    if (values)
      last.set(`${folder} ${event.task}`, { path: `${cycles}/${folder}/${values.file}`, crc: values.crc });
  }
  const changed = [...last.values()].flatMap(({ path, crc }) => {
    // The folder of a cycle may be pruned, with all that is in it.
    if (disk.list(path.slice(0, path.lastIndexOf('/'))).length === 0) return [];
    const bytes = disk.read(path);
    const found = bytes instanceof Uint8Array ? crc32(bytes).toString(16).padStart(8, '0') : 'no file';
    return found === crc ? [] : [`the ledger says ${crc} of ${path}, and it is ${found}`];
  });
  return [...unkept, ...changed];
}
