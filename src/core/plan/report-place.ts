// Where the report of a run goes and what it shows: from a config, a flag, or nothing said. Paths stay as written.

import type { ReportConfig } from '../config/config.ts';
import type { Path } from '../config/problem.ts';
import type { ReporterPlan } from './plan.ts';
import type { Reader } from './reader.ts';

/** Rows of a table, where nobody says how many. */
export const USUAL_TOP = 10;
/** Above, a report is a ledger. */
const MOST_TOP = 1000;
const MARKDOWN = '.md';
const HTML = '.html';

export interface ReportPlaces {
  readonly markdown: string;
  readonly html: string;
}

/** Both files of one report; undefined: the path is neither's. */
export function reportPlaces(file: string): ReportPlaces | undefined {
  const ending = [MARKDOWN, HTML].find((one) => file.endsWith(one));
  const stem = ending === undefined ? '' : file.slice(0, -ending.length);
  if (stem === '' || stem.endsWith('/')) return undefined;
  return { markdown: `${stem}${MARKDOWN}`, html: `${stem}${HTML}` };
}

export function usualPlaces(stateDir: string): ReportPlaces {
  return { markdown: `${stateDir}/report${MARKDOWN}`, html: `${stateDir}/report${HTML}` };
}

export const WRONG_PLACE = {
  message: (file: string): string => `\`${file}\` is no place for a report`,
  mend: 'end it with `.md` or `.html`; the other one is written beside it',
};

export function readReport(config: ReportConfig, path: Path, reader: Reader): ReporterPlan {
  const file = config.file === undefined ? undefined : reader.text(config.file, [...path, 'file']);
  if (file !== undefined && reportPlaces(file) === undefined)
    reader.say([...path, 'file'], WRONG_PLACE.message(file), { mend: WRONG_PLACE.mend });
  const top = reader.count(config.top, [...path, 'top'], { from: 1, to: MOST_TOP, otherwise: USUAL_TOP });
  const by = (config.by ?? []).flatMap((label, at) => reader.text(label, [...path, 'by', at]) ?? []);
  return {
    name: 'report',
    ...(file !== undefined && { file }),
    ...(config.top !== undefined && { top }),
    ...(by.length > 0 && { by }),
  };
}
