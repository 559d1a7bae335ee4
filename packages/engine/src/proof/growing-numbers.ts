/** Whole numbers from 0 to 2^32 - 1 by their index, four bytes each: what is kept of every task of a large ledger. */
export class GrowingNumbers {
  #values = new Uint32Array(1024);

  /** One more than the largest index that was set. */
  length = 0;

  get(index: number): number {
    return this.#values[index] ?? 0;
  }

  set(index: number, value: number): void {
    if (index >= this.#values.length) {
      const larger = new Uint32Array(Math.max(index + 1, 2 * this.#values.length));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[index] = value;
    if (index >= this.length) this.length = index + 1;
  }

  add(index: number, difference: number): void {
    this.set(index, this.get(index) + difference);
  }
}
