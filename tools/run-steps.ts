/** Something to be done, possibly after other things. */
interface NamedStep {
  readonly name: string;
  /** Steps that have to end first. */
  readonly after?: readonly string[];
}

/**
 * Runs steps, each as soon as those that it comes after have ended and fewer than `atOnce` are running; the first of the list
 * goes first. `ended` is told in the order of the list.
 */
export async function runSteps<Step extends NamedStep, End>(
  steps: readonly Step[],
  {
    atOnce,
    run,
    ended,
  }: {
    readonly atOnce: number;
    readonly run: (step: Step) => Promise<End>;
    readonly ended: (step: Step, end: End) => void;
  },
): Promise<void> {
  const ends = new Map<string, End>();
  const running = new Map<string, Promise<void>>();
  let told = 0;
  while (ends.size < steps.length) {
    for (const step of steps) {
      const { name, after = [] } = step;
      const isReady = !ends.has(name) && !running.has(name) && after.every((each) => ends.has(each));
      if (!isReady || running.size >= atOnce) continue;
      const tracked = run(step).then((end) => {
        ends.set(name, end);
        running.delete(name);
      });
      running.set(name, tracked);
    }
    if (running.size === 0) throw new Error('Steps wait for each other, or for one that is not there.');
    await Promise.race(running.values());
    for (let step = steps[told]; step !== undefined && ends.has(step.name); step = steps[told]) {
      told += 1;
      ended(step, ends.get(step.name) as End);
    }
  }
}
