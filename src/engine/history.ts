// The history while it is written: its newest segment, the last line, and how a full segment is set aside.

import type { LastLine } from '../core/loop/checkpoint.ts';
import type { Recorded } from '../core/loop/event.ts';
import { crcOf, encodeLine } from '../core/loop/line.ts';
import type { Disk, Failure } from '../ports.ts';
import { LineFile } from './line-file.ts';
import type { LedgerEnd } from './read.ts';
import { folderOf, segmentFile } from './segments.ts';

/** A file of this size can still be copied, searched and opened by people. */
const SEGMENT_BYTES = 67_108_864;

export class History {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #segmentBytes: number;
  #file: LineFile;
  #segment: number;
  #seq: number;
  #last: (() => LastLine) | undefined;
  #behind: number;
  /** A segment that could not be renamed stays as it is for the rest of this process. */
  #isFixed = false;

  private constructor(where: HistoryPlace, file: LineFile) {
    const { last } = where.end;
    this.#disk = where.disk;
    this.#path = where.path;
    this.#segmentBytes = where.segmentBytes ?? SEGMENT_BYTES;
    this.#file = file;
    this.#segment = where.end.segment;
    this.#seq = last?.seq ?? 0;
    this.#last = last && (() => last);
    this.#behind = where.end.behind;
  }

  static open(where: HistoryPlace): History | Failure {
    const file = LineFile.open(where.disk, where.path);
    return 'failed' in file ? file : new History(where, file);
  }

  /** Number of the last line written here. */
  get seq(): number {
    return this.#seq;
  }

  /** Bytes that a start would have to read behind the last checkpoint. */
  get behind(): number {
    return this.#behind;
  }

  /** The last line; a checkpoint may stand on it. */
  get last(): LastLine | undefined {
    return this.#last?.();
  }

  checkpointed(): void {
    this.#behind = 0;
  }

  append(event: Recorded): Failure | undefined {
    const line = encodeLine(event);
    const offset = this.#file.bytes;
    const failure = this.#file.appendAlone(this.#disk, line);
    if (failure) return failure;
    const segment = this.#segment;
    const { seq } = event;
    this.#seq = seq;
    // Its checksum is only asked for when a checkpoint is written.
    this.#last = () => ({ segment, offset, bytes: line.length, seq, crc: crcOf(line) });
    this.#behind += line.length;
    return undefined;
  }

  sync(): Failure | undefined {
    return this.#file.sync();
  }

  syncLater(): Promise<Failure | undefined> {
    return this.#file.syncLater();
  }

  mend(): boolean {
    return this.#file.mend(this.#disk);
  }

  close(): void {
    this.#file.close();
  }

  get isFull(): boolean {
    return !this.#isFixed && this.#file.bytes >= this.#segmentBytes;
  }

  /**
   * Only between turns. The lines are durable before their file's name moves, and the new name before another file takes
   * the old one: a power cut at any place leaves every line under one of the two.
   */
  setAside(note: (what: string) => void): Failure | undefined {
    const synced = this.#file.sync();
    if (synced) return synced;
    this.#file.close();
    const aside = segmentFile(this.#path, this.#segment);
    // Nothing of ours stands there, and what somebody else put there is not written over.
    const taken = this.#disk.size(aside) !== undefined && { failed: 'EEXIST', what: aside };
    const stayed = taken || this.#disk.rename(this.#path, aside);
    if (stayed) {
      this.#isFixed = true;
      note(`the full history was not set aside: ${stayed.what} (${stayed.failed})`);
    }
    const failure = stayed ? undefined : this.#disk.syncFolder(folderOf(this.#path));
    if (failure) return failure;
    const file = LineFile.open(this.#disk, this.#path);
    if ('failed' in file) return file;
    this.#file = file;
    if (!stayed) this.#segment += 1;
    return undefined;
  }
}

export interface HistoryPlace {
  readonly disk: Disk;
  readonly path: string;
  readonly end: LedgerEnd;
  readonly segmentBytes?: number | undefined;
}
