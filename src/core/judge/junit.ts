// A count of a JUnit file. Test cases are counted one by one; wherever a suite's own numbers admit more failures, those are believed.

import type { Reading } from './evidence.ts';
import { identitiesOf } from './identities.ts';
import { finite } from './number.ts';
import { readXml } from './xml.ts';

const COUNTED = ['tests', 'failures', 'errors', 'skipped'] as const;
type Counted = (typeof COUNTED)[number];

/** Numbers that the suites state, summed over the outermost elements that state them. */
type Stated = Partial<Record<Counted | 'time', number>>;

export function readJunit(field: string, text: string, where: string): Reading {
  if (text.trim() === '') return { unread: 'missing', detail: `was not found: ${where} is empty` };
  const count = new JunitCount();
  const fault = readXml(text, count);
  if (fault !== undefined)
    return { unread: 'unreadable', detail: `could not be read: ${where} is no whole XML: ${fault}` };
  if (!count.isJunit) return { unread: 'unreadable', detail: `could not be read: ${where} is no JUnit file` };
  const value = valueOf(count, field);
  if (value === undefined)
    return { unread: 'missing', detail: `was not found: ${where} has no \`${field}\`` };
  const reading = finite(value, where);
  const isNamed = field === 'failures' || field === 'errors';
  const found = isNamed && 'value' in reading ? identitiesOf(count.named[field]) : undefined;
  // Where a suite admits more than its cases tell, nobody knows which they are.
  return found?.length === value ? { value, found } : reading;
}

function valueOf(count: JunitCount, field: string): number | undefined {
  const { cases, stated } = count;
  const hasCases = cases.tests > 0;
  switch (field) {
    case 'tests':
    case 'skipped':
      return hasCases ? cases[field] : stated[field];
    case 'failures':
    case 'errors':
      return hasCases ? Math.max(cases[field], stated[field] ?? 0) : stated[field];
    case 'passed':
      return passedOf(count);
    case 'time':
      return stated.time ?? count.caseTime;
    default:
      return undefined;
  }
}

/** Without cases it is what the stated numbers leave; who states no failures has not said that there were none. */
function passedOf(count: JunitCount): number | undefined {
  const tests = valueOf(count, 'tests');
  const failures = valueOf(count, 'failures');
  if (tests === undefined || failures === undefined) return undefined;
  const others = (valueOf(count, 'errors') ?? 0) + (valueOf(count, 'skipped') ?? 0);
  return Math.max(0, tests - failures - others);
}

class JunitCount {
  isJunit = false;
  readonly cases: Record<Counted, number> = { tests: 0, failures: 0, errors: 0, skipped: 0 };
  caseTime: number | undefined;
  /** Cases by what tells them apart. */
  readonly named: Record<'failures' | 'errors', (readonly unknown[])[]> = { failures: [], errors: [] };
  readonly #open: { readonly states: Stated; readonly inner: Stated }[] = [];
  stated: Stated = {};
  #case: Counted | 'passed' | undefined;
  #name: readonly unknown[] = [];
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
      this.#name = [attributes['file'], attributes['classname'], attributes['name']];
      return;
    }
    if (this.#case !== undefined) this.#case = worse(this.#case, name);
  }

  close(name: string): void {
    this.#depth -= 1;
    if (name === 'testcase') {
      this.cases.tests += 1;
      if (this.#case !== undefined && this.#case !== 'passed') this.cases[this.#case] += 1;
      if (this.#case === 'failures' || this.#case === 'errors') this.named[this.#case].push(this.#name);
      this.#case = undefined;
      return;
    }
    if (name !== 'testsuites' && name !== 'testsuite') return;
    const closed = this.#open.pop();
    if (closed === undefined) return;
    const whole = wholeOf(closed);
    const parent = this.#open.at(-1);
    if (parent === undefined) this.stated = whole;
    else addTo(parent.inner, whole);
  }
}

/** An outer element's own number stands for all inside it, but for failures that only the inner ones admit. */
function wholeOf({ states, inner }: { readonly states: Stated; readonly inner: Stated }): Stated {
  const whole = { ...inner, ...states };
  for (const name of ['failures', 'errors'] as const) {
    const [outside, inside] = [states[name], inner[name]];
    if (outside !== undefined && inside !== undefined) whole[name] = Math.max(outside, inside);
  }
  return whole;
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
