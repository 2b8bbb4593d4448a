// What may be seen nowhere: values of variables whose names the config hides, wherever they come from.

import { secretsOf, type Secret } from '../judge/redact.ts';
import { fill } from './fill.ts';
import { hiddenNames } from './hidden-names.ts';
import type { Plan } from './plan.ts';

export interface Hidden {
  readonly secrets: readonly Secret[];
  /** Variables with such a name pass to children only where they are listed. */
  readonly isHidden: (name: string) => boolean;
  /** Variables with such a name whose values cannot be hidden. */
  readonly tooShort: readonly string[];
}

/** `env`: of gate-run itself. A value that the config sets under such a name is as secret as one of the environment. */
export function hiddenBy(plan: Plan, env: Readonly<Record<string, string | undefined>>): Hidden {
  // What notices are signed with is nobody else's.
  const signing = (plan.notify ?? []).flatMap((one) => (one.kind === 'webhook' ? [one.secretEnv] : []));
  const { isHidden } = hiddenNames([...plan.redact, ...signing.filter((name) => name !== undefined)]);
  const own = valuesSet(plan).flatMap(([name, value]) => secretsOf({ [name]: value }, isHidden).secrets);
  const { secrets, tooShort } = secretsOf(env, isHidden);
  return { secrets: [...secrets, ...own], isHidden, tooShort };
}

/** What people are told of a plan beside its tasks; variables may have been filled in there. */
export function toldAs(plan: Plan, redact: (text: string) => string): Plan {
  return { ...plan, name: redact(plan.name), goal: plan.goal === undefined ? undefined : redact(plan.goal) };
}

/** By name, one may have several; with what is known before a run filled in. */
function valuesSet(plan: Plan): readonly (readonly [name: string, value: string])[] {
  const known = new Map(Object.entries(plan.vars).map(([name, value]) => [`vars.${name}`, value]));
  const envs = [
    ...plan.phases.flatMap(({ tasks }) => tasks.map(({ env }) => env)),
    ...(plan.hooks ?? []).map(({ env }) => env),
  ];
  return envs.flatMap(({ set }) =>
    Object.entries(set).map(([name, value]) => [name, fill(value, (of) => known.get(of))] as const),
  );
}
