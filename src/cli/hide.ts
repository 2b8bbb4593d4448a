// Secrets out of words about a config that may make no plan: by the usual names, by those that it lists as far as it can be read, and by shape.

import { secretsOf } from '../core/judge/redact.ts';
import { redactText } from '../core/judge/redact-text.ts';
import { hiddenNames } from '../core/plan/hidden-names.ts';

/** For texts, and for what is told as JSON. */
export function hidingIn(
  env: Readonly<Record<string, string | undefined>>,
  redact: readonly string[] = [],
): <T>(told: T) => T {
  const { secrets } = secretsOf(env, hiddenNames(redact).isHidden);
  const hide = (_key: string, held: unknown): unknown =>
    typeof held === 'string' ? redactText(held, secrets) : held;
  return <T>(told: T): T => JSON.parse(JSON.stringify(told, hide));
}
