// What a simulated file loses with the power: what was not synced, and what a failed sync gave up. Not its name.

import type { Dice } from './random.ts';

/** What a disk writes at once: the last page may be there by its length alone. */
const PAGE_BYTES = 4096;

export interface File {
  bytes: Uint8Array;
  size: number;
  /** Bytes that survive a power cut. */
  durable: number;
  /** Whether the name itself survives a power cut. */
  isNamed: boolean;
  /** Its bytes are what it leads to. */
  readonly isLink?: true;
  /** Parts that a failed sync gave up: still read until the power goes, and then zeroes, whatever was synced later. */
  dropped?: { readonly from: number; readonly to: number }[];
}

/** After a power cut: of what was not synced any part stays, its last page perhaps as zeroes. */
export function cutToWhatStays(file: File, dice: Dice): void {
  file.size = dice.whole(file.durable, file.size);
  const page = Math.max(file.durable, Math.floor((file.size - 1) / PAGE_BYTES) * PAGE_BYTES);
  if (page < file.size && dice.chance(0.25)) file.bytes.fill(0, page, file.size);
  for (const { from, to } of file.dropped ?? []) file.bytes.fill(0, from, Math.min(to, file.size));
  file.dropped = [];
  file.isNamed = true;
  file.durable = file.size;
}

/** A sync failed: the system calls its pages clean all the same, so no later sync writes them. */
export function dropPending(file: File): void {
  if (file.size > file.durable) (file.dropped ??= []).push({ from: file.durable, to: file.size });
  file.durable = file.size;
}

/** What is cut off is no longer missing. */
export function cutDropped(file: File, size: number): void {
  const before = file.dropped ?? [];
  file.dropped = before
    .filter(({ from }) => from < size)
    .map(({ from, to }) => ({ from, to: Math.min(to, size) }));
}
