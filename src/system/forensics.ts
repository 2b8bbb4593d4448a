// All that may explain a bad end, gathered into one file beside the log. A file that cannot be written is none: nothing depends on it.

import type { AttemptEnded } from '../core/cycle/event.ts';
import type { Secret } from '../core/judge/redact.ts';
import { redactText } from '../core/judge/redact-text.ts';
import { forensicsName } from '../core/loop/names.ts';
import { forensicsOf, type ForensicsFacts } from '../core/usage/forensics.ts';
import { kernelLines } from './kernel-log.ts';
import { writeAnew } from './own-file.ts';

export interface Scene extends Omit<ForensicsFacts, 'kernel' | 'limitBytes' | 'tail'> {
  readonly log: string;
  readonly secrets: readonly Secret[];
  readonly wasSignalled: boolean;
  readonly hasHeapMessage: boolean;
  /** Asked only where it matters. */
  limitBytes(): number | undefined;
  tail(): string;
}

export type Told = Pick<AttemptEnded, 'peakBytes' | 'cpuMs' | 'memoryLimitBytes' | 'forensics'>;

export function explained(scene: Scene): Told {
  const limitBytes = scene.limitBytes();
  const forensics = forensicsOf({
    ...scene,
    tail: scene.tail(),
    limitBytes,
    kernel: kernelLines(scene.durationMs),
  });
  const { peakBytes } = forensics.memory;
  return {
    ...(peakBytes !== null && { peakBytes }),
    ...(scene.oomKills > 0 && limitBytes !== undefined && { memoryLimitBytes: limitBytes }),
    ...(isWritten(forensics, scene) && { forensics: true }),
  };
}

function isWritten(forensics: ReturnType<typeof forensicsOf>, { log, secrets }: Scene): boolean {
  try {
    // Text by text: JSON writes some characters in another way.
    const hide = (_key: string, held: unknown): unknown =>
      typeof held === 'string' ? redactText(held, secrets) : held;
    writeAnew(forensicsName(log), `${JSON.stringify(forensics, hide, 2)}\n`);
    return true;
  } catch {
    return false;
  }
}
