// Bounds how long a line may be that is printed for people: a progress bar without newlines or a file on one line would fill a screen
// for minutes, and the program behind a pipe its memory. Where it was cut is said; the file has all of it.

/** The longest lines that anybody means, single events of agents among them, are a tenth of it. */
export const MOST_CHARACTERS = 1_048_576;

/** One text, piece by piece. */
export class LineLimit {
  readonly #most: number;
  /** Characters of the line under way. */
  #length = 0;

  constructor(most: number = MOST_CHARACTERS) {
    this.#most = most;
  }

  push(text: string): string {
    // Most pieces are shorter than a line may be, so nothing in them has to be looked at.
    if (this.#length + text.length <= this.#most) {
      const end = text.lastIndexOf('\n');
      this.#length = end < 0 ? this.#length + text.length : text.length - end - 1;
      return text;
    }
    const parts: string[] = [];
    for (let from = 0; from < text.length;) {
      const end = text.indexOf('\n', from);
      const to = end < 0 ? text.length : end;
      const room = Math.max(0, this.#most - this.#length);
      parts.push(text.slice(from, Math.min(to, from + room)));
      this.#length += to - from;
      if (end >= 0) parts.push(this.end(), '\n');
      from = to + 1;
    }
    return parts.join('');
  }

  /** What has to be said of the line that is over. */
  end(): string {
    const left = this.#length - this.#most;
    this.#length = 0;
    return left > 0 ? `… [gate-run: ${left} more characters of this line]` : '';
  }
}
