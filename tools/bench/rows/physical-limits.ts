import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BenchRow, Figure } from '../bench-row.ts';
import { personAt } from '../people.ts';
import { runTimed } from '../run-timed.ts';
import { openWorkplace, root } from '../workplace.ts';

const physicalLimitsProgram = fileURLToPath(new URL('../programs/physical-limits.ts', import.meta.url));
const bareLoop = fileURLToPath(new URL('../programs/bare-loop.ts', import.meta.url));

const whatIs: Readonly<Record<string, { readonly what: string; readonly unit: string }>> = {
  commits: { what: 'SQLite: commits of one small row, synchronous=FULL', unit: 'commits/s' },
  insertsBy500: { what: 'SQLite: one prepared insert, 500 rows a commit', unit: 'rows/s' },
  insertsBy2000: { what: 'SQLite: one prepared insert, 2,000 rows a commit', unit: 'rows/s' },
  insertsBy10000: { what: 'SQLite: one prepared insert, 10,000 rows a commit', unit: 'rows/s' },
  encrypts: { what: 'AES-256-GCM: values of 80 bytes, one cipher each', unit: 'values/s' },
  digests: { what: 'HMAC-SHA-256 of 80 bytes, one each', unit: 'values/s' },
};

/** What SQLite, undici and the crypto do on this machine with nothing around them. */
export const physicalLimits: BenchRow = {
  name: 'physical-limits',
  title: 'Physical limits of this machine',
  async measure({ scratch, vendor, say, subjects: rows = 100_000, repeats = 3 }) {
    const place = openWorkplace(scratch, 'physical-limits', vendor.url, ['altcraft']);
    const calls = Math.max(100, Math.round(rows / 5));
    writeFileSync(place.path('calls.jsonl'), Array.from({ length: calls }, (_, at) => smallCall(at)).join('\n'));
    const rates = new Map<string, number[]>();
    const note = (name: string, rate: number) => rates.set(name, [...(rates.get(name) ?? []), rate]);
    for (let round = 1; round <= repeats; round += 1) {
      say(`round ${round} of ${repeats}`);
      const parameters = [physicalLimitsProgram, place.path('limits.db'), String(rows)];
      const measured: Record<string, number> = JSON.parse((await runTimed(parameters, { folder: root })).output);
      for (const [name, rate] of Object.entries(measured)) note(name, rate);
      for (const inFlight of [1, 10]) {
        await vendor.reset();
        const loop = [bareLoop, place.path('calls.jsonl'), vendor.url, String(inFlight)];
        const { ms }: { ms: number } = JSON.parse((await runTimed(loop, { folder: root })).output);
        note(`undici: small calls, ${inFlight} at a time`, calls / (ms / 1000));
      }
    }
    return {
      figures: [...rates].map(
        ([name, values]): Figure => ({ ...(whatIs[name] ?? { what: name, unit: 'calls/s' }), values }),
      ),
      notes: [
        'Each in a process of its own that does nothing else; rows of about 170 bytes in a file in WAL mode, as the ledger is. The calls go to the same lean vendor as everything else.',
      ],
    };
  },
};

function smallCall(position: number): string {
  return JSON.stringify({
    method: 'POST',
    path: '/api/v1.1/profiles/delete',
    rawHeaders: ['content-type', 'application/json'],
    body: JSON.stringify({ db_id: 1, matching: 'email', email: personAt(position).email }),
  });
}
