// A count of a JUnit file. Test cases are counted one by one; where a suite's own numbers admit more failures, those are believed.

import type { Reading } from './evidence.ts';
import { finite } from './number.ts';
import { readXml } from './xml.ts';

/** The readers that load a library are handed in, so that a run without them never loads it. */
export type JunitReader = (field: string, text: string, where: string) => Reading;

const COUNTED = ['tests', 'failures', 'errors', 'skipped'] as const;
type Counted = (typeof COUNTED)[number];

/** Numbers that the suites state, summed over the outermost elements that state them. */
type Stated = Partial<Record<Counted | 'time', number>>;

export const readJunit: JunitReader = (field, text, where) => {
  if (text.trim() === '') return { unread: 'missing', detail: `was not found: ${where} is empty` };
  const count = new JunitCount();
  const fault = readXml(text, count);
  if (fault !== undefined)
    return { unread: 'unreadable', detail: `could not be read: ${where} is no whole XML: ${fault}` };
  if (!count.isJunit) return { unread: 'unreadable', detail: `could not be read: ${where} is no JUnit file` };
  const value = valueOf(count, field);
  if (value === undefined)
    return { unread: 'missing', detail: `was not found: ${where} has no \`${field}\`` };
  return finite(value, where);
};

function valueOf(count: JunitCount, field: string): number | undefined {
  const { cases, stated } = count;
  const tests = cases.tests > 0 ? cases.tests : (stated.tests ?? 0);
  const failures = Math.max(cases.failures, stated.failures ?? 0);
  const errors = Math.max(cases.errors, stated.errors ?? 0);
  const skipped = cases.tests > 0 ? cases.skipped : (stated.skipped ?? 0);
  switch (field) {
    case 'tests':
      return tests;
    case 'failures':
      return failures;
    case 'errors':
      return errors;
    case 'skipped':
      return skipped;
    case 'passed':
      return Math.max(0, tests - failures - errors - skipped);
    case 'time':
      return stated.time ?? count.caseTime;
    default:
      return undefined;
  }
}

class JunitCount {
  isJunit = false;
  readonly cases: Record<Counted, number> = { tests: 0, failures: 0, errors: 0, skipped: 0 };
  caseTime: number | undefined;
  readonly #open: { readonly states: Stated; readonly inner: Stated }[] = [];
  stated: Stated = {};
  #case: Counted | 'passed' | undefined;
  #depth = 0;

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#depth += 1;
    if (name === 'testsuites' || name === 'testsuite') {
      if (this.#depth === 1) this.isJunit = true;
      this.#open.push({ states: statedBy(attributes), inner: {} });
      return;
    }
    if (name === 'testcase') {
      const time = statedNumber(attributes['time']);
      if (time !== undefined) this.caseTime = (this.caseTime ?? 0) + time;
      this.#case = attributes['status'] === 'notrun' ? 'skipped' : 'passed';
      return;
    }
    if (this.#case !== undefined) this.#case = worse(this.#case, name);
  }

  close(name: string): void {
    this.#depth -= 1;
    if (name === 'testcase') {
      this.cases.tests += 1;
      if (this.#case !== undefined && this.#case !== 'passed') this.cases[this.#case] += 1;
      this.#case = undefined;
      return;
    }
    if (name !== 'testsuites' && name !== 'testsuite') return;
    const closed = this.#open.pop();
    if (closed === undefined) return;
    // An outer element's own number stands for all inside it; only where it has none do the inner ones count.
    const whole = { ...closed.inner, ...closed.states };
    const parent = this.#open.at(-1);
    if (parent === undefined) this.stated = whole;
    else addTo(parent.inner, whole);
  }
}

function worse(state: Counted | 'passed', element: string): Counted | 'passed' {
  if (element === 'error' || state === 'errors') return 'errors';
  if (element === 'failure' || state === 'failures') return 'failures';
  return element === 'skipped' ? 'skipped' : state;
}

function statedBy(attributes: Readonly<Record<string, string>>): Stated {
  const stated: Stated = {};
  for (const name of [...COUNTED, 'time'] as const) {
    const value = statedNumber(attributes[name]);
    if (value !== undefined) stated[name] = value;
  }
  return stated;
}

function statedNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+(?:\.\d*)?(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

function addTo(sum: Stated, more: Stated): void {
  for (const name of [...COUNTED, 'time'] as const) {
    const value = more[name];
    if (value !== undefined) sum[name] = (sum[name] ?? 0) + value;
  }
}
