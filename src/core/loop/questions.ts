// Which question has to be opened or closed after a turn. A repeat is no event: the fold counts it.

import type { PlanIndex } from '../cycle/plan-index.ts';
import { crc32Text } from '../crc32.ts';
import { tamperingIn } from '../protect/progress.ts';
import { changeText, tamperingText } from '../protect/words.ts';
import { captureText, questionText } from '../questions/capture.ts';
import type { QuestionClosed, QuestionOpened, TaskSummary } from './event.ts';
import type { Progress } from './progress.ts';

/** Nobody answers more; what fails beyond is in the history and in its logs. */
export const MOST_OPEN = 1_000;

export function nextQuestion(
  index: PlanIndex,
  progress: Progress,
): QuestionOpened | QuestionClosed | undefined {
  const turn = progress.lastTurn;
  if (!turn || turn.verdict === 'interrupted') return undefined;
  // Of a confirmation the champion's own line tells; a pass of old files answers nothing.
  if (turn.turn === 'confirm') return aboutTampering(index, progress);
  for (const task of turn.tasks) {
    if (task.fingerprint === undefined || isOpen(progress, task.fingerprint)) continue;
    if (openCount(progress) >= MOST_OPEN) break;
    const { fingerprint, id } = task;
    const text = capture(index, turn.cycle, task);
    return { type: 'question.opened', fingerprint, task: id, cycle: turn.cycle, text };
  }
  const tampered = aboutTampering(index, progress);
  if (tampered) return tampered;
  const passed = new Set(turn.tasks.filter((task) => task.verdict === 'passed').map((task) => task.id));
  // A turn that passed before the files were found changed answers nothing of that.
  if (turn.verdict === 'passed' && index.plan.protect && !tamperingIn(progress)) passed.add(PROTECTED);
  for (const question of progress.questions.values()) {
    if (question.closedAt !== undefined || !passed.has(question.task)) continue;
    return {
      type: 'question.closed',
      fingerprint: question.fingerprint,
      task: question.task,
      cycle: turn.cycle,
    };
  }
  return undefined;
}

/** In the place of a task; no id holds a space. */
const PROTECTED = 'protected files';

/** One question for one set of changes, wherever in the run they were seen. */
function aboutTampering({ plan }: PlanIndex, progress: Progress): QuestionOpened | undefined {
  const tampering = tamperingIn(progress);
  if (!tampering || openCount(progress) >= MOST_OPEN) return undefined;
  const { changed = [], more = 0, diff = 'no diff' } = tampering;
  const what = changed.map(changeText).join();
  const fingerprint = crc32Text(`protect ${what}`).toString(16).padStart(8, '0');
  if (isOpen(progress, fingerprint)) return undefined;
  const { cycle, lastTurnAt: at = '' } = progress;
  const error = `a protected file changed: ${tamperingText(tampering)}`;
  const context = `cycle ${cycle}, ${changed.length + more} of the protected files, ${diff}`;
  const text = captureText({ ask: plan.questions.ask, at, step: 'protect', error, context });
  return { type: 'question.opened', fingerprint, task: PROTECTED, cycle, text };
}

function openCount({ questions }: Progress): number {
  let open = 0;
  for (const { closedAt } of questions.values()) if (closedAt === undefined) open += 1;
  return open;
}

function isOpen(progress: Progress, fingerprint: string): boolean {
  const known = progress.questions.get(fingerprint);
  return known !== undefined && known.closedAt === undefined;
}

/** The five lines, word for word the same in the question file, in the attempt's log and in CI. */
export function capture({ plan, tasks }: PlanIndex, cycle: number, summary: TaskSummary): string {
  return questionText({ plan, task: tasks.get(summary.id), summary, cycle, at: summary.at });
}
