// Places in files that a tool's output names, so that an annotation can stand beside the line. It opens no file.

export interface Finding {
  /** As the tool wrote it: relative to its own folder, or absolute. */
  readonly file: string;
  readonly line: number;
  readonly column: number | undefined;
  readonly message: string;
}

/** A task that finds more than this has made its point. */
const FINDINGS_A_TASK = 50;
const MESSAGE_CHARACTERS = 300;

/** Bounded, because a line that begins one at each character would else be looked through again from each. */
const FILE = String.raw`(?<file>(?:[A-Za-z]:)?[^\s:()'"|]{1,1000}\.[A-Za-z]\w{0,9})`;

/** One line names place and message: tsc, gcc, clang, eslint's unix format, go, ruff, mypy. */
const WHOLE = [
  new RegExp(String.raw`^\s*${FILE}\((?<line>\d+),(?<column>\d+)\):\s*(?<message>.+)$`),
  new RegExp(String.raw`^\s*${FILE}:(?<line>\d+)(?::(?<column>\d+))?(?::| -)\s+(?<message>.+)$`),
];
/** The message came before: vitest's `❯`, oxlint's `,-[`, rustc's `-->`, a stack's `at`. */
const PLACES = [
  new RegExp(String.raw`^[^❯]*❯.* ${FILE}:(?<line>\d+):(?<column>\d+)\s*$`),
  new RegExp(String.raw`[,╭][-─]+\[${FILE}:(?<line>\d+):(?<column>\d+)\]`),
  new RegExp(String.raw`^\s*--> ${FILE}:(?<line>\d+):(?<column>\d+)`),
  new RegExp(String.raw`^\s*at (?:.*\()?(?:file://)?${FILE}:(?<line>\d+):(?<column>\d+)\)?$`),
];
/** eslint's stylish format: a file alone on its line, its findings below it. */
const FILE_ALONE = new RegExp(String.raw`^${FILE}$`);
const BELOW = /^\s+(?<line>\d+):(?<column>\d+)\s+(?<message>(?:error|warning|✖|⚠)\s+.+)$/;

export function findings(text: string): Finding[] {
  const found = new Map<string, Finding>();
  const state = { file: '', message: '' };
  for (const line of text.split('\n')) {
    const finding = inLine(line, state);
    if (!finding || isForeign(finding.file) || HOST.test(finding.file)) continue;
    const key = `${finding.file}:${finding.line}`;
    if (!found.has(key)) found.set(key, finding);
    if (found.size >= FINDINGS_A_TASK) break;
  }
  return [...found.values()];
}

function inLine(line: string, state: { file: string; message: string }): Finding | undefined {
  const alone = FILE_ALONE.exec(line.trimEnd());
  if (alone?.groups) {
    state.file = alone.groups['file'] ?? '';
    return undefined;
  }
  const below = BELOW.exec(line);
  if (below?.groups && state.file !== '') return made({ file: state.file, ...below.groups });
  for (const pattern of WHOLE) {
    const match = pattern.exec(line);
    if (match?.groups) return made(match.groups);
  }
  for (const pattern of PLACES) {
    const match = pattern.exec(line);
    if (match?.groups && state.message !== '') return made({ ...match.groups, message: state.message });
  }
  if (/(?:error|fail|expected|exception|panic)/i.test(line)) state.message = line.trim();
  return undefined;
}

function made(groups: Readonly<Record<string, string | undefined>>): Finding {
  const column = groups['column'];
  return {
    file: groups['file'] ?? '',
    line: Number(groups['line']),
    column: column === undefined ? undefined : Number(column),
    message: (groups['message'] ?? '').trim().slice(0, MESSAGE_CHARACTERS),
  };
}

/** With its port it reads as a file with its line. */
const HOST = /^(?:[\w-]+\.)+(?:com|net|org|io|dev|local|internal)$/i;

/** Code that people cannot mend here: annotations on it would only push the real ones out. */
function isForeign(file: string): boolean {
  return file.includes('node_modules/') || file.startsWith('node:');
}
