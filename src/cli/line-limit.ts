// Bounds how long a line may be that is printed for people: a progress bar without newlines or a file on one line would fill a screen
// for minutes, and the program behind a pipe its memory. Its beginning and its end are printed, and how much is between; the file has all of it.

/** The longest lines that anybody means, single events of agents among them, are a tenth of it. */
const MOST_CHARACTERS = 1_048_576;
/** What a progress bar led to stands behind it. */
const END_CHARACTERS = 4096;

/** One text, piece by piece. */
export class LineLimit {
  readonly #most: number;
  readonly #ending: number;
  /** Characters of the line under way. */
  #length = 0;
  /** Its last ones behind those that were printed. */
  #end = '';

  constructor(most: number = MOST_CHARACTERS, ending: number = END_CHARACTERS) {
    this.#most = most;
    this.#ending = ending;
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
      const cut = Math.min(to, from + Math.max(0, this.#most - this.#length));
      parts.push(text.slice(from, cut));
      if (cut < to)
        this.#end = (this.#end + text.slice(Math.max(cut, to - this.#ending), to)).slice(-this.#ending);
      this.#length += to - from;
      if (end >= 0) parts.push(this.end(), '\n');
      from = to + 1;
    }
    return parts.join('');
  }

  /** What is still to be printed of the line that is over. */
  end(): string {
    const left = this.#length - this.#most - this.#end.length;
    const end = this.#end;
    this.#length = 0;
    this.#end = '';
    return left > 0 ? `… [gate-run: ${left} characters of this line are left out] …${end}` : end;
  }
}
