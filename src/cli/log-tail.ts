// The last lines of a task's output, for views and for `logs`: bounded, without the header, both streams where they are apart.

import { readEnd } from '../system/read-part.ts';
import { stderrLog } from '../system/log.ts';

/** More than sixty long lines, and little enough to read for every failure. */
const TAIL_BYTES = 65_536;
/** How a log's first line begins; see core/plan/order.ts. */
const HEADER = '# gate-run ';

/** What views are given: `log` is relative to the cycles' folder. */
export function tailReader(cycles: string): (log: string) => string {
  return (log) => {
    const path = `${cycles}/${log}`;
    const output = endOf(path);
    const errors = endOf(stderrLog(path));
    if (errors === '') return output;
    return output === '' ? errors : `${output}${output.endsWith('\n') ? '' : '\n'}── stderr\n${errors}`;
  };
}

function endOf(path: string): string {
  const part = readEnd(path, TAIL_BYTES);
  if (!part) return '';
  const text = new TextDecoder().decode(part.bytes);
  // Cut in the middle of a line, and perhaps of a letter: begin with the next whole one.
  if (part.from > 0) return text.slice(text.indexOf('\n') + 1);
  return withoutHeader(text);
}

export function withoutHeader(text: string): string {
  return text.startsWith(HEADER) ? text.slice(text.indexOf('\n') + 1) : text;
}
