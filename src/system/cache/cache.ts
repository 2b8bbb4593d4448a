// The cache of the real world. It never makes anything fail: what it cannot read is a miss, what it cannot write is remarked on once.

import { closeSync, openSync } from 'node:fs';
import { differences } from '../../core/cache/differences.ts';
import { WHY_SHOWN } from '../../core/cache/event.ts';
import { partsIn } from '../../core/cache/key.ts';
import type { Cache, CacheOrder, Inbox, Keep } from '../../ports.ts';
import { failure } from '../files.ts';
import { sumOfOutput, type Answer } from './answer.ts';
import type { Eyes } from './eyes.ts';
import { encodeIndex, type Index } from './index-file.ts';
import { Keys, type Keyed, type KeySources } from './keys.ts';
import { finish, Lane, type Work } from './lane.ts';
import { outputsIn, writeOutputs } from './logs.ts';
import { leftBy, restoreOutputs } from './outputs.ts';
import { CHANGED_SINCE, pack } from './pack.ts';
import { listText, sumOf } from './list.ts';
import { Pass, type PassPlace } from './pass.ts';
import type { Store } from './store.ts';

export interface CacheOptions extends Omit<KeySources, 'last'> {
  readonly inbox: Inbox;
  readonly store: Store;
  readonly limitBytes: number;
  readonly place: PassPlace;
  readonly eyes: Eyes;
  readonly index: Index;
}

export interface RealCache extends Cache {
  /** Whatever is being kept is kept, within a limit, and what is known of files is written down. */
  settle(): Promise<void>;
}

/** At its end a run waits so long for answers that are still being written. */
const SETTLE_LIMIT_MS = 30_000;
/** In a run without an end the index is written down this often, so that a kill costs no more than that. */
const SAVE_EVERY_MS = 60_000;

/** People and their editors are at work too: what was seen longer ago than this is looked at again. */
const PASS_LIMIT_MS = 2_000;

/** A task that has to run, and what it depended on when that was decided. */
interface Sought extends Keyed {
  readonly wanted: CacheOrder;
  readonly stamp: string;
}

export function realCache(options: CacheOptions): RealCache {
  return new OpenCache(options);
}

class OpenCache implements RealCache {
  readonly #options: CacheOptions;
  readonly #store: Store;
  readonly #index: Index;
  readonly #keys: Keys;
  readonly #lane: Lane;
  readonly #sought = new Map<string, Sought>();
  /** Answered, with how it may be kept anew where the answer would not pass any more. */
  readonly #given = new Map<string, () => Sought>();
  readonly #remarked = new Set<string>();
  #pass: Pass | undefined;
  /** Grows with each disturbance. */
  #unrest = 0;
  #savedAt: number;
  /** Weighed in this start. */
  #isWeighed = false;

  constructor(options: CacheOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#index = options.index;
    this.#keys = new Keys({ ...options, last: this.#index.last });
    this.#lane = new Lane(() => options.eyes.now());
    this.#savedAt = options.eyes.now();
  }

  /** Believed as long as nothing runs. */
  #sharedPass(): Pass {
    const isOld = this.#pass && this.#options.eyes.now() - this.#pass.at > PASS_LIMIT_MS;
    if (!this.#pass || isOld === true) this.#pass = this.#freshPass();
    return this.#pass;
  }

  disturbed(starting?: string): void {
    const sought = starting === undefined ? undefined : this.#given.get(starting);
    if (starting !== undefined && sought) this.#sought.set(starting, sought());
    this.#given.clear();
    this.#pass = undefined;
    this.#unrest += 1;
    this.#keys.disturbed();
  }

  forget(task: string): void {
    this.#sought.delete(task);
  }

  seek(wanted: CacheOrder): void {
    this.#lane.add(this.#answer(wanted, this.#unrest));
  }

  /** `unrest`: as it was when the task was sought. */
  *#answer(wanted: CacheOrder, unrest: number): Work<void> {
    const { task } = wanted.draft;
    const { inbox } = this.#options;
    this.#sought.delete(task);
    this.#given.delete(task);
    // What runs now may be writing, also what began while this waited: then a task needs a look of its own, which is no other's.
    const isQuiet = wanted.isQuiet && unrest === this.#unrest;
    const pass = isQuiet ? this.#sharedPass() : this.#freshPass();
    const keyed = yield* this.#keys.of(wanted, pass);
    if ('unfit' in keyed) {
      inbox.put({ type: 'task.missed', task, why: [keyed.unfit] });
      return;
    }
    const sought = (): Sought => ({ ...keyed, wanted, stamp: pass.stampOf(keyed.list) });
    const found = this.#store.read(keyed.key);
    if (found === 'damaged') {
      this.#store.discard(keyed.key);
      this.#remark(`an answer kept of ${task} is damaged, and was removed; the task runs`);
    } else if (found) {
      const why = yield* this.#restore(found, wanted, pass);
      if (why === undefined) {
        this.#given.set(task, sought);
        this.#answered(found, keyed, task);
        return;
      }
      this.#remark(`${task} runs: ${why}`);
    }
    this.#sought.set(task, sought());
    const all = this.#differences(task, keyed);
    const more = all.length - WHY_SHOWN;
    inbox.put({
      type: 'task.missed',
      task,
      key: keyed.key,
      why: all.slice(0, WHY_SHOWN),
      ...(more > 0 && { more }),
    });
  }

  /** Undefined: output and outputs are where an attempt would have put them. */
  *#restore(answer: Answer, wanted: CacheOrder, pass: Pass): Work<string | undefined> {
    const { head, outputs } = answer;
    try {
      // Most tasks leave nothing, and then there is nothing to open a second time.
      const why = wanted.outputs.length === 0 ? undefined : yield* this.#restoreFiles(answer, wanted, pass);
      if (why !== undefined) return why;
      const remark = `(from the cache: kept of ${head.from}, ${head.keptAt})`;
      if (head.ended.log !== 'none') writeOutputs(wanted.order, outputs, remark);
      return undefined;
    } catch (error) {
      const { failed } = failure(error, 'read an answer');
      return `its answer could not be put back (${failed})`;
    }
  }

  *#restoreFiles({ head, filesAt }: Answer, wanted: CacheOrder, pass: Pass): Work<string | undefined> {
    const { folder } = this.#options.place;
    const file = openSync(this.#store.path(head.key), 'r');
    try {
      const source = { file, at: filesAt };
      const restored = yield* restoreOutputs(pass, wanted.outputs, { folder, left: head.left, source });
      if ('unfit' in restored || restored.wrote) this.disturbed();
      return 'unfit' in restored ? restored.unfit : undefined;
    } finally {
      closeSync(file);
    }
  }

  #answered(answer: Answer, { key, text, parts }: Keyed, task: string): void {
    const { keptAt, from, ended } = answer.head;
    if (this.#index.last.get(task)?.key !== key) this.#remember(task, { key, text });
    this.#store.used(answer, key, parts.files, this.#options.eyes.now());
    this.#options.inbox.put({ type: 'task.restored', task, key, keptAt, from, ended });
  }

  #remember(task: string, last: { readonly key: string; readonly text: string }): void {
    this.#index.last.delete(task);
    this.#index.last.set(task, last);
    this.#index.isChanged = true;
  }

  #differences(task: string, { parts, list }: Keyed): readonly string[] {
    const last = this.#index.last.get(task);
    const before = last && partsIn(last.text);
    if (!before) return [];
    const files = new Map(list.rows.map((row) => [row.path, sumOf(row)]));
    return differences({ parts: before, files: this.#store.files(before.files) }, { parts, files });
  }

  /** What is true only at this moment is looked at before anything else can be started. */
  keep(kept: Keep): void {
    const sought = this.#sought.get(kept.task);
    if (!sought) return;
    this.#sought.delete(kept.task);
    const { wanted, stamp } = sought;
    this.#keys.disturbed();
    const now = this.#freshPass();
    if (finish(now.stamp(wanted.plan.inputs)) !== stamp) {
      this.#remark(`${kept.task} is not kept: its inputs changed while it ran`, kept.task);
      return;
    }
    const outputs = kept.ended.log === 'none' ? [] : outputsIn(wanted.order);
    const left = finish(leftBy(now, wanted.outputs, this.#options.place.folder));
    if (outputs === undefined)
      this.#remark(`${kept.task} is not kept: its log cannot be read, or is too long`);
    else if ('unfit' in left) this.#remark(`${kept.task} is not kept: ${left.unfit}`, kept.task);
    else this.#lane.add(this.#write(kept, sought, { outputs, left }));
  }

  *#write(
    kept: Keep,
    { key, text, parts, list, wanted }: Sought,
    { outputs, left }: { readonly outputs: readonly Uint8Array[]; readonly left: Answer['head']['left'] },
  ): Work<void> {
    const { task, at, from, ended } = kept;
    const sums = outputs.map((output) => ({ bytes: output.length, sum: sumOfOutput(output) }));
    const head = { key, text, keptAt: at, from, ended, outputs: sums, left };
    const { limitBytes, place } = this.#options;
    const weight = [...sums, ...left].reduce((sum, one) => sum + ('bytes' in one ? one.bytes : 0), 0);
    if (weight > limitBytes) {
      this.#remark(`${task} is not kept: it would take more room than the whole cache may`, task);
      return;
    }
    try {
      this.#store.open();
      const bytes = yield* pack(this.#store, { head, outputs, folder: place.folder }, () =>
        this.#whyOther(wanted, { key, parts }),
      );
      if (typeof bytes === 'string') {
        this.#remark(`${task} is not kept: ${bytes}`, task);
        return;
      }
      const listed = listText(list.rows);
      this.#store.write(this.#store.listPath(parts.files), listed);
      this.#remember(task, { key, text });
      this.#weigh(bytes + listed.length);
      this.#saveNowAndThen();
    } catch (error) {
      const { failed } = failure(error, 'keep an answer');
      this.#remark(`the cache takes no answers (${failed}); nothing else is affected`, 'write');
    }
  }

  /** Files that were young when they were read may have changed since without looking any different; and so may tools. */
  *#whyOther(wanted: CacheOrder, { key, parts }: Pick<Keyed, 'key' | 'parts'>): Work<string | undefined> {
    const now = yield* this.#keys.of(wanted, this.#freshPass());
    if ('unfit' in now) return now.unfit;
    if (now.key === key) return undefined;
    if (now.parts.files !== parts.files) return CHANGED_SINCE;
    const files = new Map<string, string>();
    return differences({ parts, files }, { parts: now.parts, files }).join(', ');
  }

  #weigh(added: number): void {
    const { weight } = this.#index;
    const { limitBytes, eyes } = this.#options;
    // Others may have written and removed in the meantime, so each start looks once for itself.
    const bytes = this.#isWeighed ? weight.bytes + added : this.#store.weigh().bytes;
    this.#isWeighed = true;
    this.#index.weight = { bytes, at: eyes.now() };
    if (bytes > limitBytes) this.#index.weight.bytes = this.#store.prune(limitBytes, eyes.now());
    this.#index.isChanged = true;
  }

  async settle(): Promise<void> {
    await this.#lane.idle(SETTLE_LIMIT_MS);
    this.#save();
  }

  #saveNowAndThen(): void {
    if (this.#options.eyes.now() - this.#savedAt >= SAVE_EVERY_MS) this.#save();
  }

  #save(): void {
    if (!this.#index.isChanged) return;
    this.#savedAt = this.#options.eyes.now();
    try {
      this.#store.open();
      this.#store.write(this.#store.indexPath, encodeIndex(this.#index));
      this.#index.isChanged = false;
    } catch (error) {
      const { failed } = failure(error, 'write the index');
      this.#remark(`the cache takes no answers (${failed}); nothing else is affected`, 'write');
    }
  }

  #freshPass(): Pass {
    return new Pass(this.#index, this.#options.place, this.#options.eyes);
  }

  /** Once a start for each `topic`: a full disk is no news the second time. */
  #remark(what: string, topic: string = what): void {
    if (this.#remarked.has(topic)) return;
    this.#remarked.add(topic);
    this.#options.inbox.put({ type: 'noted', what: `cache: ${what}` });
  }
}
