// What an attempt that ended badly left, as lines for people: memory over time, its processes as a tree, the kernel's words, its last output.

import { durationText } from '../core/judge/words.ts';
import { countText, sizeText } from '../core/summary/amounts.ts';
import type { Forensics, ProcessFigures, ProcessTable } from '../core/usage/forensics.ts';
import type { UsageLook } from '../core/usage/series.ts';
import { harmless } from './sink.ts';

/** The whole of it is in the file. */
const MOST_PROCESSES = 12;
const MOST_KERNEL_LINES = 6;
const MOST_OUTPUT_LINES = 8;
const MOST_POINTS = 8;

export function forensicsLines(forensics: Forensics): readonly string[] {
  const { processes, kernel, output, looks } = forensics;
  return [
    ...memoryLines(forensics),
    ...(processes ? treeLines(processes, looks) : []),
    ...(kernel === null ? ['the log of the kernel may not be read here'] : []),
    ...(kernel ?? []).slice(-MOST_KERNEL_LINES).map((line) => `kernel: ${harmless(line, false)}`),
    ...output.lines.slice(-MOST_OUTPUT_LINES).map((line) => `  │ ${harmless(line, false)}`),
  ];
}

function memoryLines({ memory, looks }: Forensics): readonly string[] {
  const { peakBytes, limitBytes, killed } = memory;
  const most = peakBytes === null ? 'memory: nobody looked in time' : `memory ${sizeText(peakBytes)} at most`;
  const limit = limitBytes === null ? '' : ` of ${sizeText(limitBytes)} that may be had`;
  const course = courseOf(looks);
  return [
    `${most}${limit}`,
    ...(course.length < 2 ? [] : [`over time: ${course.join(', ')}`]),
    ...killed.map(
      ({ pid, name, memoryBytes }) =>
        `the kernel killed ${pid} ${harmless(name, false)}, which had ${sizeText(memoryBytes)}`,
    ),
  ];
}

function courseOf(looks: readonly UsageLook[]): readonly string[] {
  const step = Math.max(1, (looks.length - 1) / (MOST_POINTS - 1));
  const count = Math.min(looks.length, MOST_POINTS);
  return Array.from({ length: count }, (_, at) => looks[Math.round(at * step)]).flatMap((look) =>
    look ? [`${sizeText(look.memoryBytes)} at ${durationText(look.atMs)}`] : [],
  );
}

/** Children below their parents; each with what it had when it was first seen among the largest, and what it has now. */
function treeLines({ atMs, count, list }: ProcessTable, looks: readonly UsageLook[]): readonly string[] {
  const shown = list.slice(0, MOST_PROCESSES);
  const pids = new Set(shown.map(({ pid }) => pid));
  const left = new Set(shown);
  const below = (parent: number, depth: number): readonly string[] => {
    const own = [...left].filter((one) => one.parent === parent);
    // Each once, whatever somebody wrote into the file.
    for (const one of own) left.delete(one);
    return own.flatMap((one) => [processText(one, depth, looks), ...below(one.pid, depth + 1)]);
  };
  const tops = [...new Set(shown.filter(({ parent }) => !pids.has(parent)).map(({ parent }) => parent))];
  const more = count - shown.length;
  return [
    `${countText(count, 'process', 'processes')} at ${durationText(atMs)}:`,
    ...tops.flatMap((parent) => below(parent, 1)),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function processText(
  { pid, name, memoryBytes, cpuMs }: ProcessFigures,
  depth: number,
  looks: readonly UsageLook[],
): string {
  const first = looks.flatMap(({ largest }) => largest.find((one) => one.pid === pid) ?? [])[0];
  const from = first && first.memoryBytes !== memoryBytes ? `${sizeText(first.memoryBytes)} → ` : '';
  const cpu = cpuMs === 0 ? '' : `, ${durationText(cpuMs)} of CPU time`;
  return `${'  '.repeat(depth)}${pid} ${harmless(name, false)}  ${from}${sizeText(memoryBytes)}${cpu}`;
}
