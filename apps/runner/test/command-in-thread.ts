/** A program that runs a command of the test's in a thread, as `main.ts` does. The first argument says which one. */
import { isMainThread, parentPort, resourceLimits, workerData } from 'node:worker_threads';
import type { ProcessEnvironment } from '../src/process-environment.ts';
import { runInThread } from '../src/run-in-thread.ts';
import { threadEnvironment } from '../src/thread-environment.ts';
import { createUnfinishedFiles } from '../src/unfinished-files.ts';

const commands: Readonly<Record<string, (processEnvironment: ProcessEnvironment) => Promise<number>>> = {
  async limits({ output }) {
    output.write(JSON.stringify(resourceLimits));
    return 0;
  },
  async speak({ output, messages }) {
    for (let line = 0; line < 20_000; line += 1) output.write(`line ${line}\n`);
    messages.write('said');
    return 3;
  },
  async count({ input, output }) {
    let bytes = 0;
    for await (const piece of input) bytes += (piece as Uint8Array).length;
    output.write(`${bytes} bytes`);
    return 0;
  },
  async idle({ output }) {
    output.write('idle');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    return 0;
  },
  async drain({ stopSignal, output }) {
    const signal = stopSignal();
    const keptAlive = setTimeout(() => {}, 60_000);
    output.write('at work');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    clearTimeout(keptAlive);
    output.write(', drained');
    return 0;
  },
  async break() {
    throw new Error('person@example.com');
  },
};

const [name = ''] = process.argv.slice(2);

if (isMainThread) {
  const thread = runInThread(new URL(import.meta.url), [name], createUnfinishedFiles());
  process.on('SIGTERM', () => {
    if (!thread.stop()) process.exit(143);
  });
  process.exitCode = await thread.ended;
  process.stdin.destroy();
} else if (parentPort !== null) {
  process.exit(await commands[name]?.(threadEnvironment(parentPort, workerData)));
}
