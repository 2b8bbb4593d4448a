// Secrets out of words about a config that makes no plan, so that nobody knows what it hides: by the usual names, and by shape.

import { secretsOf } from '../core/judge/redact.ts';
import { redactText } from '../core/judge/redact-text.ts';
import { hiddenNames } from '../core/plan/hidden-names.ts';

/** For texts, and for what is told as JSON. */
export function hidingIn(env: Readonly<Record<string, string | undefined>>): <T>(told: T) => T {
  const { secrets } = secretsOf(env, hiddenNames([]).isHidden);
  const hide = (_key: string, held: unknown): unknown =>
    typeof held === 'string' ? redactText(held, secrets) : held;
  return <T>(told: T): T => JSON.parse(JSON.stringify(told, hide));
}
