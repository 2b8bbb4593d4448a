// `resources` of a plan in the words of the config.

import { formatDuration, formatSize } from '../config/quantity.ts';
import type { LimitsPlan, ResourcesPlan } from './resources.ts';

/** Undefined where nothing is said. */
export function resourcesText({ locks, weight, ...limits }: ResourcesPlan): string | undefined {
  const parts = [
    ...limitTexts(limits).map(({ key, text }) => `${key} ${text}`),
    ...(locks.length > 0 ? [`lock ${locks.join(' and ')}`] : []),
    ...(weight === 1 ? [] : [`weight ${weight}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

/** In the order of the reference page. */
export function limitTexts(limits: LimitsPlan): readonly { readonly key: string; readonly text: string }[] {
  const { memoryBytes, cpus, pids, openFiles, fileSizeBytes, cpuTimeMs } = limits;
  const texts = [
    { key: 'memory', text: memoryBytes === undefined ? undefined : formatSize(memoryBytes) },
    { key: 'cpus', text: cpus?.toString() },
    { key: 'pids', text: pids?.toString() },
    { key: 'open-files', text: openFiles?.toString() },
    { key: 'file-size', text: fileSizeBytes === undefined ? undefined : formatSize(fileSizeBytes) },
    { key: 'cpu-time', text: cpuTimeMs === undefined ? undefined : formatDuration(cpuTimeMs) },
  ];
  return texts.flatMap(({ key, text }) => (text === undefined ? [] : [{ key, text }]));
}
