import { readFileSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

// Loaded before the command (`node --import`): at its end it writes the most memory that the process had resident, in
// bytes. Where there is /proc that figure comes from there: what getrusage says may also be the parent's from before exec.

const path = process.env.BENCH_PEAK;
if (path !== undefined && isMainThread) process.on('exit', () => writeFileSync(path, String(peakBytes())));

function peakBytes(): number {
  if (process.platform === 'linux') {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  }
  return process.resourceUsage().maxRSS * 1024;
}
