// Evidence that several readers share: whether they could come to read something else than each would alone.

import type { Path, Problem } from '../config/problem.ts';
import { placeIn } from './layer.ts';
import type { Standing } from './needs.ts';
import type { SourcePlan } from './plan.ts';

type Standings = ReadonlyMap<string, Standing>;

interface Read {
  readonly by: Standing;
  /** The task whose command leaves the evidence. */
  readonly owner: string;
  /** Of the metric or label in its task. */
  readonly path: Path;
  readonly name: string;
  readonly source: SourcePlan;
}

export function checkSharedEvidence(tasks: Standings, problems: Problem[], warnings: Problem[]): void {
  const reads = [...tasks.values()].flatMap(readsOf);
  if (reads.length < 2) return;
  for (const of of grouped(reads, ({ owner }) => owner).values()) checkStreams(of, problems);
  for (const of of grouped(reads, (read) => fileKey(read, tasks)).values()) warnOfFile(of, tasks, warnings);
}

function readsOf(by: Standing): readonly Read[] {
  const { id, judges, metrics, labels } = by.task;
  if (metrics.length === 0 && labels.length === 0) return [];
  const owner = judges ?? id;
  const read = (home: string) => (held: { readonly name: string; readonly source: SourcePlan }) => ({
    by,
    owner,
    path: [home, held.name],
    ...held,
  });
  return [...metrics.map(read('metrics')), ...labels.map(read('labels'))];
}

/** Where one reader wants stderr apart it is kept apart for all, and then nobody knows in what order the lines came. */
function checkStreams(reads: readonly Read[], problems: Problem[]): void {
  const apart = reads.find(({ source }) => streamOf(source) === 'stdout' || streamOf(source) === 'stderr');
  if (!apart) return;
  for (const { by, path, name, source } of reads) {
    if (streamOf(source) !== 'output') continue;
    const whose = apart.by === by ? '' : ` of \`${apart.by.task.id}\``;
    problems.push({
      ...placeIn(by.layers, [...path, 'in']),
      message: `\`${name}\` reads both streams in the order they came, and \`${apart.name}\`${whose} reads ${streamOf(apart.source)} alone: one run cannot keep both`,
      mend: 'say `in: stdout` for it as well, or `in: stderr`',
    });
  }
}

function streamOf({ in: from }: SourcePlan): 'output' | 'stdout' | 'stderr' | undefined {
  return 'stream' in from ? from.stream : undefined;
}

/** A file that is one for each task says so in its name. */
function fileKey({ by, owner, source }: Read, tasks: Standings): string | undefined {
  if (!('file' in source.in) || source.in.file.includes('{{task}}') || by.task.leftOut !== undefined)
    return undefined;
  const writer = tasks.get(owner)?.task;
  if (writer?.kind !== 'gate' || writer.leftOut !== undefined) return undefined;
  return `${writer.phase} ${by.task.cwd ?? writer.cwd ?? '.'} ${source.in.file.replace(/^(?:\.\/)+/, '')}`;
}

/** Gates that run side by side: a file is fresh for both as soon as one of them has written it. */
function warnOfFile(reads: readonly Read[], tasks: Standings, warnings: Problem[]): void {
  const seen = new Map<string, Read>();
  for (const read of reads) {
    if (seen.has(read.owner)) continue;
    const other = [...seen.values()].find((one) => areSideBySide(one.owner, read.owner, tasks));
    seen.set(read.owner, read);
    if (!other || !('file' in read.source.in)) continue;
    warnings.push({
      ...placeIn(read.by.layers, [...read.path, read.source.reader]),
      message: `\`${read.owner}\` and \`${other.owner}\` run side by side and are judged by the same file \`${read.source.in.file}\`: the one that wrote nothing would pass by what the other wrote`,
      mend: `give each a file of its own, or let one gate run the command and the other \`judges\` it`,
    });
  }
}

function areSideBySide(one: string, other: string, tasks: Standings): boolean {
  return !waitsFor(one, other, tasks) && !waitsFor(other, one, tasks);
}

/** Each task is looked at once, so that a circle, which is told elsewhere, ends here too. */
function waitsFor(id: string, goal: string, tasks: Standings): boolean {
  const seen = new Set([id]);
  for (const at of seen) for (const need of tasks.get(at)?.task.needs ?? []) seen.add(need);
  return seen.has(goal);
}

function grouped(
  reads: readonly Read[],
  keyOf: (read: Read) => string | undefined,
): ReadonlyMap<string, readonly Read[]> {
  const groups = new Map<string, Read[]>();
  for (const read of reads) {
    const key = keyOf(read);
    if (key === undefined) continue;
    const held = groups.get(key);
    if (held) held.push(read);
    else groups.set(key, [read]);
  }
  return groups;
}
