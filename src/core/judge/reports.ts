// The readers of whole reports, in one place that is loaded only when a plan reads one: a run without them never loads an XML parser.

import type { SourcePlan } from '../plan/plan.ts';
import { unreachable } from '../unreachable.ts';
import { readCobertura } from './cobertura.ts';
import type { Reading } from './evidence.ts';
import { readJunit } from './junit.ts';
import { readLcov } from './lcov.ts';
import { readSarif } from './sarif.ts';

export type ReportSource = Extract<SourcePlan, { readonly reader: 'junit' | 'lcov' | 'cobertura' | 'sarif' }>;

export function readReport(
  source: ReportSource,
  text: string,
  at: { root?: string | undefined; isNamed?: boolean | undefined },
): Reading {
  const reading = readWhole(source, text, at);
  if (at.isNamed === true || !('found' in reading)) return reading;
  return { value: reading.value };
}

function readWhole(source: ReportSource, text: string, at: { root?: string | undefined }): Reading {
  const { field, folder, in: place } = source;
  const where = 'file' in place ? place.file : place.stream;
  switch (source.reader) {
    case 'junit':
      return readJunit(field, text, where);
    case 'lcov':
      return readLcov({ field, folder, root: at.root }, text, where);
    case 'cobertura':
      return readCobertura({ field, folder, root: at.root }, text, where);
    case 'sarif':
      return readSarif(field, text, where);
    default:
      return unreachable(source.reader);
  }
}

export type ReadReport = typeof readReport;
