// Every line of a history, all segments, oldest first. It judges and repairs nothing; a torn tail is only told.

import type { Recorded } from '../core/loop/event.ts';
import type { Disk, Failure } from '../ports.ts';
import { tornInside, walkLines, type Damage, type Torn } from './lines.ts';
import { segmentsOf } from './segments.ts';
import { Sequence } from './sequence.ts';

/** What the last segment ends with, if that is no whole line. */
export function walkHistory(
  disk: Disk,
  history: string,
  see: (event: Recorded) => void,
): { readonly torn: Torn | undefined } | Damage | Failure {
  const segments = segmentsOf(disk, history);
  if ('damaged' in segments) return segments;
  const sequence = new Sequence();
  let torn: Torn | undefined;
  for (const { number, file } of segments) {
    const walked = walkLines(disk, file, 0, ({ event, offset }) => {
      const wrong = sequence.see(event, number > 1 && offset === 0);
      if (wrong === undefined) see(event);
      return wrong;
    });
    if (!('end' in walked)) return walked;
    if (walked.torn && number < segments.length) return tornInside(disk, walked.torn);
    ({ torn } = walked);
  }
  return { torn };
}
