import { readFileSync } from 'node:fs';

/**
 * Whether this process was started to outlive its terminal, as `nohup` does: SIGHUP is ignored then, and a handler of
 * ours would end that. Only Linux tells.
 */
export function isHangupIgnored(): boolean {
  try {
    const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return ignored !== undefined && (BigInt(`0x${ignored}`) & 1n) === 1n;
  } catch {
    return false;
  }
}
