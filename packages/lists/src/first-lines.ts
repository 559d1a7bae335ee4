import { hash } from 'node:crypto';

const firstCapacity = 1 << 12;

/**
 * Remembers on which line each id stood first. Of an id it keeps 64 bits of a hash, so that a million of them take 25 MB
 * and not ten times as much. Two different ids that share these bits would be taken for one: one list of a million ids in
 * thirty million.
 */
export class FirstLines {
  #ids = 0;
  #high = new Uint32Array(firstCapacity);
  #low = new Uint32Array(firstCapacity);
  // Lines count from 1: 0 is a free place.
  #lines = new Uint32Array(firstCapacity);

  /** Records that an id stands on a line. Returns the line on which it stood before, if it did. */
  note(id: string, line: number): number | undefined {
    const digest = hash('sha256', id, 'buffer');
    const high = digest.readUInt32LE(0);
    const low = digest.readUInt32LE(4);
    const place = this.#find(high, low);
    const before = this.#lines[place] ?? 0;
    if (before !== 0) return before;
    this.#set(place, high, low, line);
    this.#ids += 1;
    if (this.#ids * 2 > this.#lines.length) this.#grow();
    return undefined;
  }

  // Where the hash stands, or the free place where it would.
  #find(high: number, low: number): number {
    const mask = this.#lines.length - 1;
    let place = low & mask;
    while (this.#lines[place] !== 0 && (this.#high[place] !== high || this.#low[place] !== low)) {
      place = (place + 1) & mask;
    }
    return place;
  }

  #set(place: number, high: number, low: number, line: number): void {
    this.#high[place] = high;
    this.#low[place] = low;
    this.#lines[place] = line;
  }

  #grow(): void {
    const [highs, lows, lines] = [this.#high, this.#low, this.#lines];
    const capacity = lines.length * 2;
    this.#high = new Uint32Array(capacity);
    this.#low = new Uint32Array(capacity);
    this.#lines = new Uint32Array(capacity);
    for (const [index, line] of lines.entries()) {
      if (line === 0) continue;
      const high = highs[index] ?? 0;
      const low = lows[index] ?? 0;
      this.#set(this.#find(high, low), high, low, line);
    }
  }
}
