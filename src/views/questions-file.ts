// Keeps the questions file at what the fold says: whole or not at all, and every byte that people wrote stays.

import type { Event, Recorded } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import { mergeQuestions } from '../core/questions/file.ts';
import type { Disk, Failure, View } from '../ports.ts';

export interface QuestionsFileParts {
  /** As the disk takes it. */
  readonly path: string;
  readonly disk: Pick<Disk, 'read' | 'replace' | 'makeFolder'>;
  /** Takes secrets out of a text; the ledger's texts are redacted already, with the secrets of their day. */
  readonly redact: (text: string) => string;
}

const NOTHING = new Uint8Array(0);

/** Questions are opened in a row when a cycle ends; the event behind the last of them writes them all at once. */
const IN_A_ROW: ReadonlySet<Event['type']> = new Set(['question.opened', 'question.closed']);

/** That an open question was seen again is written at most so often: each time the file is made durable. */
const REPEATS_EVERY_MS = 1000;

export function questionsFile(parts: QuestionsFileParts): View {
  let written: Progress['questions'] = new Map();
  let writtenMono = Number.NEGATIVE_INFINITY;
  let isNew = false;
  let noted = '';
  const write = ({ questions, mono }: Progress): void => {
    if (questions === written) return;
    const failure = writeQuestions(parts, questions);
    if (!failure) {
      written = questions;
      writtenMono = mono;
      isNew = false;
      noted = '';
      return;
    }
    // Tried again at each event, but told once: the engine notes what a view throws.
    const text = `${parts.path} could not be written: ${failure.failed} ${failure.what}`;
    if (text === noted) return;
    noted = text;
    throw new Error(text);
  };
  return {
    see(event: Recorded, progress: Progress): void {
      if (IN_A_ROW.has(event.type)) isNew = true;
      else if (isNew || event.type === 'rest.started' || event.mono - writtenMono >= REPEATS_EVERY_MS)
        write(progress);
    },
    close: write,
  };
}

/** No question and no file: nothing is made. A file that says it all already is not touched. */
export function writeQuestions(
  { path, disk, redact }: QuestionsFileParts,
  questions: Progress['questions'],
): Failure | undefined {
  if (questions.size === 0) return undefined;
  const existing = disk.read(path);
  if (existing !== undefined && 'failed' in existing) return existing;
  const before = existing ?? NOTHING;
  const redacted = Array.from(questions.values(), (question) => ({
    ...question,
    text: redact(question.text),
  }));
  const after = mergeQuestions(before, redacted);
  if (areEqual(before, after)) return undefined;
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const failure = existing === undefined && folder !== '' ? disk.makeFolder(folder) : undefined;
  // Durable, because a power failure must not take with it what people wrote.
  return failure ?? disk.replace(path, after, true);
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
