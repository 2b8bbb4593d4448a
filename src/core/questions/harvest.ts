// The questions that stand in a text in the question-capture format, whoever wrote them, with the state that follows each.

export interface Harvested {
  /** Of its first line, from 1. */
  readonly line: number;
  readonly step: string;
  readonly error: string;
  /** Only a state comment that says `closed` closes one: what a person wrote by hand is open until it goes. */
  readonly isOpen: boolean;
}

const FIRST = /^\s*Question (?:for|from) .+:\s*$/;
const STEP = /^\s*While performing \[(?<step>.*)\], encountered the following error:\s*$/;
const STATE = /^\s*<!-- gate-run [0-9a-f]{8} seen \d+ last \S+ (?<state>open|closed) -->\s*$/;
/** From the first line to the comment with the state are five lines; people may break one. */
const LINES_A_QUESTION = 12;

export function harvest(text: string): readonly Harvested[] {
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, index): Harvested[] => {
    const step = STEP.exec(lines[index + 1] ?? '')?.groups?.['step'];
    if (step === undefined || !FIRST.test(line)) return [];
    return [
      { line: index + 1, step, error: errorAt(lines[index + 2] ?? ''), isOpen: isOpenFrom(lines, index) },
    ];
  });
}

function errorAt(line: string): string {
  return line.trim().replace(/^\[/, '').replace(/\]$/, '');
}

function isOpenFrom(lines: readonly string[], first: number): boolean {
  for (const line of lines.slice(first + 1, first + LINES_A_QUESTION)) {
    if (FIRST.test(line)) return true;
    const state = STATE.exec(line)?.groups?.['state'];
    if (state !== undefined) return state === 'open';
  }
  return true;
}
