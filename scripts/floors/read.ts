// Answers what a source file imports and which words of the outside world its code holds. It judges nothing.
// It reads the syntax tree, so that comments, strings and property names never count.

import { parseSync } from 'rolldown/utils';

export interface Import {
  /** As written for packages; for our own files the path from the root of the repository. */
  readonly target: string;
  readonly kind: 'value' | 'type' | 'dynamic';
  readonly line: number;
}

export interface Word {
  readonly word: string;
  readonly line: number;
}

export interface Source {
  readonly path: string;
  readonly imports: readonly Import[];
  readonly words: readonly Word[];
  /** The first line of something that exists at run time, when there is one. */
  readonly code: number | undefined;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

/** `path` is relative to the root, with forward slashes. */
export function readSource(path: string, text: string): Source {
  const parsed = parseSync(path, text, { lang: 'ts' });
  const imports: Import[] = [];
  const words: Word[] = [];
  const lineOf = (node: Node): number => text.slice(0, node.start).split('\n').length;
  const program: unknown = parsed.program;
  if (!isNode(program) || parsed.errors.length > 0) throw new Error(`${path} does not parse`);
  walk(program, undefined, '', (node, parent, key) => {
    const found = importOf(node);
    if (found) imports.push({ target: resolved(path, found.name), kind: found.kind, line: lineOf(node) });
    const word = wordOf(node, parent, key);
    if (word) words.push({ word, line: lineOf(node) });
  });
  const code = listOf(program['body']).find((node) => isNode(node) && !isTypeOnly(node));
  return { path, imports, words, code: isNode(code) ? lineOf(code) : undefined };
}

type Visit = (node: Node, parent: Node | undefined, key: string) => void;

function walk(node: Node, parent: Node | undefined, key: string, visit: Visit): void {
  visit(node, parent, key);
  for (const [name, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, node, name, visit);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function importOf(node: Node): { name: string; kind: Import['kind'] } | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
      return named(node['source'], isTypeImport(node) ? 'type' : 'value');
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return named(node['source'], node['exportKind'] === 'type' ? 'type' : 'value');
    case 'ImportExpression':
      return named(node['source'], 'dynamic');
    case 'TSImportType':
      return named(node['source'] ?? node['argument'], 'type');
    default:
      return undefined;
  }
}

function named(source: unknown, kind: Import['kind']): { name: string; kind: Import['kind'] } | undefined {
  if (!isNode(source)) return undefined;
  const literal = isNode(source['literal']) ? source['literal'] : source;
  return typeof literal['value'] === 'string' ? { name: literal['value'], kind } : undefined;
}

/** `import type …`, and `import { type A }` with nothing but types, which leaves the load behind but is written as types. */
function isTypeImport(node: Node): boolean {
  return node['importKind'] === 'type';
}

function resolved(from: string, name: string): string {
  if (!name.startsWith('.')) return name;
  const parts = from.split('/').slice(0, -1);
  for (const part of name.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function wordOf(node: Node, parent: Node | undefined, key: string): string | undefined {
  if (node['async'] === true || node.type === 'AwaitExpression') return 'async';
  if (node.type === 'MemberExpression' && isNode(node['object']) && isNode(node['property'])) {
    const name = `${String(node['object']['name'])}.${String(node['property']['name'])}`;
    return MEMBERS.has(name) ? name : undefined;
  }
  if (isBareDate(node)) return 'new Date()';
  if (node.type !== 'Identifier' || isName(parent, key)) return undefined;
  const name = String(node['name']);
  return GLOBALS.has(name) ? name : undefined;
}

const MEMBERS: ReadonlySet<string> = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'crypto.randomUUID',
]);
const GLOBALS: ReadonlySet<string> = new Set([
  'process',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
]);

/** `new Date()` and `Date()` read the clock; `new Date(wall)` computes. */
function isBareDate(node: Node): boolean {
  if (node.type !== 'NewExpression' && node.type !== 'CallExpression') return false;
  const callee = node['callee'];
  if (!isNode(callee) || callee['name'] !== 'Date') return false;
  return node.type === 'CallExpression' || listOf(node['arguments']).length === 0;
}

/** An identifier that only names a property, a key or a member is no use of the global. */
function isName(parent: Node | undefined, key: string): boolean {
  if (parent === undefined || parent['computed'] === true) return false;
  if (parent.type === 'MemberExpression') return key === 'property';
  if (parent.type.startsWith('TS')) return key !== 'expression';
  return key === 'key' && parent['shorthand'] !== true;
}

function isTypeOnly(node: Node): boolean {
  if (node.type === 'ImportDeclaration') return isTypeImport(node);
  if (node.type === 'TSInterfaceDeclaration' || node.type === 'TSTypeAliasDeclaration') return true;
  if (node.type === 'ExportAllDeclaration') return node['exportKind'] === 'type';
  if (node.type !== 'ExportNamedDeclaration') return false;
  return node['exportKind'] === 'type' || (isNode(node['declaration']) && isTypeOnly(node['declaration']));
}
