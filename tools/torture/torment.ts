import type { SandboxProcess, SandboxVendor } from '../demo/sandbox-process.ts';
import type { SeededRandom } from './random.ts';

// Where a vendor takes deletions: only there a lost reply is in doubt.
const deletionPaths: Readonly<Record<SandboxVendor, string>> = {
  mixpanel: 'engage$|data-deletions',
  clevertap: 'delete/profiles',
  altcraft: 'profiles/delete',
  segment: 'regulations|external_ids/delete',
};

const vendors: readonly [SandboxVendor, ...SandboxVendor[]] = ['mixpanel', 'clevertap', 'altcraft', 'segment'];

const faults = [
  { type: 'reset-before' },
  { type: 'reset-after' },
  { type: 'hang-before' },
  { type: 'hang-after' },
  { type: 'truncated' },
  { type: 'html', acted: false },
  { type: 'html', acted: true },
  { type: 'status', status: 500, body: {}, acted: false },
  { type: 'status', status: 502, body: {}, acted: true },
  { type: 'status', status: 429, body: {} },
  { type: 'status', status: 429, headers: { 'retry-after': '1' }, body: {} },
] as const;

/** Lets one vendor misbehave for its next few calls. */
export async function torment(sandbox: SandboxProcess, random: SeededRandom): Promise<void> {
  if (random.next() < 0.15) {
    // Read back, it is found. At the others it stands as the vendor's word, which the judge allows there alone.
    const vendor = random.pick(vendors);
    await sandbox.fail(vendor, { fault: { type: 'lie' }, path: deletionPaths[vendor], times: 1 });
    return;
  }
  const vendor = random.pick(vendors);
  const fault = random.pick<(typeof faults)[number]>(faults);
  await sandbox.fail(vendor, { fault, path: deletionPaths[vendor], times: random.between(1, 3) });
}

/** Lets the next deletion at every vendor hang after it has acted. */
export async function hangNextDeletions(sandbox: SandboxProcess): Promise<void> {
  for (const vendor of vendors) {
    await sandbox.fail(vendor, { fault: { type: 'hang-after' }, path: deletionPaths[vendor], times: 1 });
  }
}

/** How many deletions of all vendors have hung so far. */
export async function countHungDeletions(sandbox: SandboxProcess): Promise<number> {
  const received = await Promise.all(vendors.map((vendor) => sandbox.requests(vendor)));
  return received.flat().filter(({ fault }) => fault === 'hang-after').length;
}
