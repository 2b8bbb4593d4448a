// One passage over the nodes of a YAML document: plain values, their places, and what only a node can tell:
// anchors, tags, duplicate and empty keys, words that YAML 1.1 reads otherwise.

import * as yaml from 'yaml';
import { clip, quoted } from './describe.ts';
import { MAX_DEPTH, MAX_NODES, MAX_PROBLEMS } from './limits.ts';
import type { Path, Problem } from './problem.ts';

export type Range = readonly [start: number, end: number];

export function nameOf(path: Path): string {
  return JSON.stringify(path);
}

/** One passage over the nodes of a document. */
export class Walk {
  readonly problems: Problem[] = [];
  readonly places: Map<string, { readonly key: Range; readonly value: Range }> = new Map();
  /** Paths whose value is not what stands there; their problem is told already. */
  readonly reported: Set<string> = new Set();
  isTooLarge = false;
  isTooDeep = false;
  private nodes = 0;
  private readonly text: string;
  private readonly origin: (offset: number) => number;

  constructor(text: string, origin: (offset: number) => number) {
    this.text = text;
    this.origin = origin;
  }

  read(node: unknown, path: Path): unknown {
    this.nodes += 1;
    this.isTooLarge ||= this.nodes > MAX_NODES;
    this.isTooDeep ||= path.length > MAX_DEPTH;
    if (this.isTooLarge || this.isTooDeep) return undefined;
    if (path.length === 0) this.place(path, this.rangeOf(node), this.rangeOf(node));
    if (yaml.isNode(node)) this.checkProperties(node, path);
    if (yaml.isAlias(node)) {
      const mend = 'write the value out; `defaults` and `vars` are for what repeats';
      this.tell(path, this.rangeOf(node), 'aliases are not read in a config', mend);
      return null;
    }
    if (yaml.isMap(node)) return this.readMap(node, path);
    if (yaml.isSeq(node)) return this.readList(node, path);
    return yaml.isScalar(node) ? this.readScalar(node, path) : null;
  }

  private readMap(map: yaml.YAMLMap, path: Path): unknown {
    const value: Record<string, unknown> = {};
    const firsts = new Map<string, number>();
    let isCut = false;
    for (const { key, value: inner } of map.items) {
      const name = this.keyOf(key, path);
      if (name === undefined) continue;
      const here = [...path, name];
      const keyRange = this.rangeOf(key);
      const first = firsts.get(name);
      if (first !== undefined) {
        const message = `duplicate key \`${clip(name)}\`, first on line ${this.lineOf(first)}`;
        this.push({ path: here, on: 'key', range: keyRange, message, mend: 'keep one of them' });
        continue;
      }
      firsts.set(name, keyRange[0]);
      const isEmpty =
        inner === null || (yaml.isScalar(inner) && inner.value === null && inner.anchor === undefined);
      this.place(here, keyRange, isEmpty ? keyRange : this.rangeOf(inner));
      const isLoose = isEmpty && map.flow === true && isPlain(key);
      if (isLoose && isCut) continue;
      isCut = isLoose && Object.keys(value).at(-1) === 'run';
      if (isCut) {
        const command = [value['run'], ...looseKeys(map, name)].join(', ');
        this.tell(here, keyRange, 'inside `{ }` a comma ends the command', `quote it: ${quoted(command)}`);
        continue;
      }
      if (isEmpty)
        this.tell(here, keyRange, `\`${clip(name)}\` has no value`, 'give it one, or remove the key');
      Object.defineProperty(value, name, {
        value: isEmpty ? null : this.read(inner, here),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return value;
  }

  private keyOf(key: unknown, path: Path): string | undefined {
    const range = this.rangeOf(key);
    if (yaml.isNode(key)) this.checkProperties(key, path);
    if (!yaml.isScalar(key)) {
      const message = yaml.isAlias(key)
        ? 'aliases are not read in a config'
        : 'a key must be a word, not a map or a list';
      this.tell(path, range, message, 'quote it');
      return undefined;
    }
    const name = isPlain(key) ? (key.source ?? String(key.value)) : String(key.value);
    if (name === '<<')
      this.tell([...path, name], range, '`<<` merges nothing here', 'write the keys out, or use `defaults`');
    if (name === '__proto__') this.tell(path, range, '`__proto__` cannot be a key', 'choose another word');
    if (isPlain(key) && KEY_TRAP.test(name)) {
      const mend =
        name === 'on' ? 'gate-run has no triggers: a person, cron or CI starts it' : `quote it: "${name}"`;
      this.tell([...path, name], range, `an unquoted key \`${name}\` is no word to many YAML readers`, mend);
      return undefined;
    }
    return name === '<<' || name === '__proto__' ? undefined : name;
  }

  private readList(list: yaml.YAMLSeq, path: Path): unknown {
    const isCommand = path.at(-1) === 'run';
    const [head] = list.items;
    if (
      isCommand &&
      list.flow === true &&
      yaml.isScalar(head) &&
      isPlain(head) &&
      String(head.value).startsWith('-')
    ) {
      const [start, end] = list.range ?? [0, 0];
      const mend = `quote it: ${quoted(this.text.slice(start, end))}`;
      this.tell(path, this.rangeOf(list), 'without quotes `[` starts a list in YAML, not a test', mend);
      return null;
    }
    return list.items.map((item, index) => {
      const here = [...path, index];
      this.place(here, this.rangeOf(item), this.rangeOf(item));
      if (yaml.isScalar(item) && item.value === null) {
        this.tell(here, this.rangeOf(item), 'an empty entry in a list', 'give it a value, or remove it');
        return null;
      }
      if (isCommand && yaml.isMap(item)) {
        this.tell(
          here,
          this.rangeOf(item),
          'without quotes `: ` makes a map of this word',
          'quote the whole word',
        );
        return null;
      }
      return this.read(item, here);
    });
  }

  private readScalar(node: yaml.Scalar, path: Path): unknown {
    const { value } = node;
    const key = path.findLast((part) => typeof part === 'string');
    const source = node.source ?? '';
    const range = this.rangeOf(node);
    if (isPlain(node) && BOOLEAN_WORD.test(source)) {
      const meant = /^(?:yes|on)$/i.test(source);
      const mend = `write \`${meant}\`, or quote it if it is text: "${source}"`;
      this.tell(path, range, `an unquoted \`${source}\` is a boolean to many YAML readers`, mend);
    }
    if (typeof value === 'number') return this.readNumber(value, source, path, range);
    if (key === 'run' && path.at(-1) === 'run' && isPlain(node) && node.range) {
      const behind = this.text.slice(node.range[1], node.range[1] + 3);
      if (behind.startsWith(' #')) {
        const mend = 'quote the command; or, if it is a comment, put two spaces before the `#`';
        this.tell(path, [range[1], range[1] + 2], 'without quotes ` #` ends the command', mend);
      }
    }
    if ((key === 'regex' || key === 'count') && typeof value === 'string' && value.includes('\b')) {
      const mend = `use single quotes: '${source.includes('\b') ? '' : source}'`;
      this.tell(path, range, 'in double quotes `\\b` is a backspace', mend.replace("''", "'…'"));
    }
    return value;
  }

  /** Where text is due a number is taken as written; elsewhere a leading zero is refused. */
  private readNumber(value: number, source: string, path: Path, range: Range): unknown {
    const isText = path.some(
      (part) => part === 'with' || part === 'set' || part === 'vars' || part === 'run',
    );
    if (isText) return String(value) === source ? value : source;
    if (/^[-+]?0\d/.test(source) || /^0[ox]/.test(source)) {
      const mend = `write \`${value}\`, or quote it if it is text`;
      this.tell(path, range, `\`${source}\` means different numbers to different YAML readers`, mend);
    }
    return value;
  }

  /** Anchors and tags. */
  private checkProperties(node: yaml.Node, path: Path): void {
    const start = node.range?.[0] ?? 0;
    if (!yaml.isAlias(node) && node.anchor !== undefined) {
      const at = this.text.lastIndexOf(`&${node.anchor}`, start);
      const isCommand = path.at(-1) === 'run';
      const message = isCommand
        ? 'without quotes `&` is an anchor in YAML, and the command loses it'
        : 'anchors are not read in a config';
      const mend = isCommand ? 'quote the command' : 'remove it; `defaults` and `vars` are for what repeats';
      this.tell(path, this.original(at, at + node.anchor.length + 1), message, mend);
    }
    if (yaml.isAlias(node) || node.tag === undefined) return;
    let at = Math.max(0, this.text.lastIndexOf('!', start));
    if (this.text.charAt(at - 1) === '!') at -= 1;
    const isNegation = node.tag === '!' && path.at(-1) === 'run';
    const message = isNegation
      ? 'without quotes `!` is a tag in YAML, and the command loses it'
      : 'tags are not read in a config';
    const mend = isNegation ? 'quote the command' : 'remove it, or quote the value';
    this.tell(
      path,
      this.original(at, Math.max(at + 1, this.text.slice(at, start).trimEnd().length + at)),
      message,
      mend,
    );
  }

  private tell(path: Path, range: Range, message: string, mend: string): void {
    this.reported.add(nameOf(path));
    this.push({ path, range, message, mend });
  }

  private push(problem: Problem): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(problem);
  }

  private place(path: Path, key: Range, value: Range): void {
    this.places.set(nameOf(path), { key, value });
  }

  private rangeOf(node: unknown): Range {
    const range = yaml.isNode(node) ? node.range : undefined;
    return range ? this.original(range[0], range[1]) : [0, 0];
  }

  private original(start: number, end: number): Range {
    return [this.origin(start), this.origin(end)];
  }

  private lineOf(offset: number): number {
    return this.text.slice(0, offset).split('\n').length;
  }
}

/** Words that YAML 1.1 reads as booleans and 1.2 as text: the file must mean the same to both. */
const BOOLEAN_WORD = /^(?:yes|no|on|off)$/i;
/** The same for keys, with those that no version reads as words. */
const KEY_TRAP = /^(?:yes|no|on|off|true|false|null|~)$/i;

function isPlain(node: unknown): boolean {
  return yaml.isScalar(node) && node.type === 'PLAIN';
}

/** Keys without a value, from one on: the parts of a command that commas cut up. */
function looseKeys(map: yaml.YAMLMap, from: string): string[] {
  const names = map.items.map(({ key, value }) =>
    value === null && yaml.isScalar(key) ? String(key.value) : '',
  );
  const start = names.indexOf(from);
  const end = names.indexOf('', start);
  return names.slice(start, end < 0 ? names.length : end);
}
