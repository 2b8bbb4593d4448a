// Protected files in words, the same on screens, in reports and in questions.

import type { Checkpoint, ProtectedChange, Tampering } from './event.ts';

const NAMES_SHOWN = 3;

/** `loop.config.yaml changed, gates/x.yaml was removed and 4 more, behind phase work`. */
export function tamperingText(tampering: Tampering): string {
  const { changed = [], more = 0 } = tampering;
  const shown = changed.slice(0, NAMES_SHOWN).map(changeText);
  const rest = changed.length - shown.length + more;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}, ${whereText(tampering)}`;
}

export function changeText({ path, how }: ProtectedChange): string {
  return `${path} ${HOW[how]}`;
}

const HOW = {
  changed: 'changed',
  removed: 'was removed',
  added: 'was added',
  truncated: 'was cut, although it may only grow',
} as const;

function whereText({ phase, after }: Checkpoint): string {
  if (after === 'run') return 'since the run before';
  if (phase === undefined) return 'before the first phase';
  return after === 'steps' ? `behind the steps of phase ${phase}` : `behind phase ${phase}`;
}

/** One line for each file, then the diff. */
export function tamperingLines({ changed = [], more = 0, diff }: Tampering): readonly string[] {
  const lines = changed.map((change) => {
    const { before, after } = change;
    const was = before === undefined ? after : after === undefined ? before : `${before} → ${after}`;
    return was === undefined ? changeText(change) : `${changeText(change)}: ${was}`;
  });
  return [
    ...lines,
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(diff === undefined ? [] : diff.split('\n')),
  ];
}

/** What a person does about it, in one sentence. */
export const TAMPERING_ADVICE =
  'look at the difference; put the files back, or start with `--accept-config` if the change is yours';
