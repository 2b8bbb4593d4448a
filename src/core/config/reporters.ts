// The reporters by name, and what each takes: nothing, a file, a file or nothing (`either`), or `auto`, which is where its own CI
// server runs it.

export const REPORTERS = {
  terminal: 'nothing',
  plain: 'nothing',
  report: 'either',
  junit: 'file',
  tap: 'file',
  sarif: 'file',
  'code-quality': 'file',
  github: 'auto',
  gitlab: 'auto',
  buildkite: 'auto',
} as const;

export type ReporterName = keyof typeof REPORTERS;

export const REPORTER_NAMES: readonly ReporterName[] = Object.keys(REPORTERS).filter(isReporter);

export function isReporter(name: string): name is ReporterName {
  return Object.hasOwn(REPORTERS, name);
}

/** `{ junit: FILE }`, `{ github: auto }`, `plain`. */
export function reporterForm(name: ReporterName): string {
  const takes = REPORTERS[name];
  if (takes === 'nothing' || takes === 'either') return name;
  return `{ ${name}: ${takes === 'file' ? 'FILE' : 'auto'} }`;
}

/** Every form, for people: `` `terminal`, `plain`, `{ junit: FILE }` … ``. */
export const REPORTER_FORMS: string = REPORTER_NAMES.map((name) => `\`${reporterForm(name)}\``).join(', ');
