// The shape of Jenkins' junit-10 schema as a table, and a reader that holds a report to it.

import { SaxesParser } from 'saxes';

interface Shape {
  readonly children: readonly string[];
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly text: boolean;
}

const message = { children: [], required: [], optional: ['type', 'message'], text: true };
const rerun = {
  children: ['stackTrace', 'system-out', 'system-err'],
  required: ['type'],
  optional: ['message'],
  text: true,
};
const stream = { children: [], required: [], optional: [], text: true };

const SHAPES: Readonly<Record<string, Shape>> = {
  testsuites: {
    children: ['testsuite'],
    required: [],
    optional: ['name', 'time', 'tests', 'failures', 'errors'],
    text: false,
  },
  testsuite: {
    children: ['testsuite', 'properties', 'testcase', 'system-out', 'system-err'],
    required: ['name', 'tests', 'failures', 'errors'],
    optional: ['group', 'time', 'skipped', 'timestamp', 'hostname', 'id', 'package', 'file', 'log', 'url'],
    text: false,
  },
  testcase: {
    children:
      'skipped error failure system-out system-err rerunFailure rerunError flakyFailure flakyError'.split(
        ' ',
      ),
    required: ['name'],
    optional: ['time', 'classname', 'group'],
    text: false,
  },
  properties: { children: ['property'], required: [], optional: [], text: false },
  property: { children: [], required: ['name', 'value'], optional: [], text: false },
  failure: message,
  error: message,
  skipped: message,
  rerunFailure: rerun,
  rerunError: rerun,
  flakyFailure: rerun,
  flakyError: rerun,
  stackTrace: stream,
  'system-out': stream,
  'system-err': stream,
};
const TIME = /^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?$/;

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** Throws with the place when the text is no XML 1.0, or when an element stands where the schema knows none. */
export function readJunit(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const path = [root];
  const parser = new SaxesParser({ position: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const texts = Object.entries(attributes).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : value.value,
    ]);
    const element: Element = { name, attributes: Object.fromEntries(texts), children: [], text: '' };
    check(element, path.at(-1) ?? root);
    path.at(-1)?.children.push(element);
    path.push(element);
  });
  parser.on('text', (text) => {
    const element = path.at(-1);
    if (!element) return;
    element.text += text;
    if (text.trim() !== '' && !SHAPES[element.name]?.text) throw new Error(`text in <${element.name}>`);
  });
  parser.on('closetag', () => path.pop());
  parser.write(xml).close();
  const [report] = root.children;
  if (!report) throw new Error('no root element');
  return report;
}

function check({ name, attributes }: Element, parent: Element): void {
  const shape = SHAPES[name];
  if (!shape) throw new Error(`unknown element <${name}>`);
  const allowed = parent.name === '' ? ['testsuites'] : (SHAPES[parent.name]?.children ?? []);
  if (!allowed.includes(name)) throw new Error(`<${name}> in <${parent.name}>`);
  for (const key of shape.required) if (!(key in attributes)) throw new Error(`<${name}> without ${key}`);
  for (const [key, value] of Object.entries(attributes)) {
    if (![...shape.required, ...shape.optional].includes(key)) throw new Error(`${key} on <${name}>`);
    if (key === 'time' && !TIME.test(value)) throw new Error(`time ${value} on <${name}>`);
  }
}
