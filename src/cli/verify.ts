// `gate-run verify`: whether the ledger is what was written, line by line. It changes nothing, also beside a living run.

import { EXIT } from '../core/loop/run-end.ts';
import type { Damage } from '../engine/read.ts';
import { verify as verifyLedger, type Verified } from '../engine/verify.ts';
import { realDisk } from '../system/files.ts';
import { damageText } from './damage.ts';
import type { CommandRequest } from './request.ts';
import { openPlace, refuse, takeFlags } from './state.ts';

export async function verify(request: CommandRequest): Promise<number> {
  const { rest, problem } = takeFlags(request.args, {});
  if (problem !== undefined) return refuse(request, 'verify', problem);
  if (rest.length > 0) return refuse(request, 'verify', `takes no words, not \`${rest.join(' ')}\``);
  const place = await openPlace(request);
  if (typeof place === 'number') return place;
  const found = verifyLedger(realDisk(), place.paths);
  if ('failed' in found) {
    request.writeError(`the ledger could not be read: ${found.failed} (${found.what})\n`);
    return EXIT.storage;
  }
  const isWhole = found.damages.length === 0 && found.checkpoint !== 'lies';
  if (request.json) request.write(`${JSON.stringify({ isWhole, ...found }, null, 2)}\n`);
  else if (isWhole) request.write(wholeText(found));
  if (!isWhole) request.writeError(brokenText(found, `${place.paths.stateDir}/checkpoint.json`));
  return isWhole ? EXIT.passed : EXIT.storage;
}

function wholeText({ lines, cycles, pruned, segments, torn, checkpoint }: Verified): string {
  if (lines === 0 && torn.length === 0)
    return checkpoint === 'none'
      ? 'nothing is recorded yet\n'
      : 'nothing is recorded, but a checkpoint lies beside it: a ledger stood here; look for it before the next start begins anew\n';
  const gone = pruned === 0 ? '' : `, ${pruned} without their folder`;
  const text = [
    `the ledger is whole: ${lines} lines in ${segments === 1 ? 'one segment' : `${segments} segments`}, ${cycles === 1 ? 'one turn' : `${cycles} turns`}${gone}`,
  ];
  for (const { file, goodBytes, bytes } of torn) {
    text.push(
      `${file}: the last ${bytes} bytes, from byte ${goodBytes}, are no whole line: a run writes there, or was cut off; the next start keeps them aside`,
    );
  }
  if (checkpoint === 'honest') text.push('the checkpoint stands on it and agrees with it');
  if (checkpoint === 'not believed')
    text.push('the checkpoint does not stand on it and is not believed; the next long run writes a new one');
  if (checkpoint === 'orphaned')
    text.push(
      'the checkpoint knew a line that is not there: the power took the last lines, or an older copy stands in its place',
    );
  return `${text.join('\n')}\n`;
}

function brokenText({ damages, checkpoint }: Verified, file: string): string {
  const texts = damages.map((damage: Damage) => damageText(damage));
  if (checkpoint === 'lies' && damages.length === 0)
    texts.push(
      `${file} says otherwise than the ledger that it stands on\n  nothing was changed; remove it, and the next start reads the whole ledger`,
    );
  return `${texts.join('\n')}\n`;
}
