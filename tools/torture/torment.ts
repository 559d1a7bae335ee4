import type { SandboxProcess, SandboxVendor } from '../demo/sandbox-process.ts';
import type { SeededRandom } from './random.ts';

// Where a vendor takes deletions: only there a lost reply is in doubt.
const deletionPaths: Readonly<Record<SandboxVendor, string>> = {
  mixpanel: 'engage$|data-deletions',
  clevertap: 'delete/profiles',
  altcraft: 'profiles/delete',
  segment: 'regulations|external_ids/delete',
};

// A lie is found by reading back; these are read back. At the others a vendor's lie would stand as the vendor's word.
const readBack: readonly [SandboxVendor, ...SandboxVendor[]] = ['clevertap', 'altcraft'];

const faults = ['reset-before', 'reset-after', 'hang-before', 'hang-after', 'truncated', 'html', '500', '429'] as const;

/** Lets one vendor misbehave for its next few calls. */
export async function torment(sandbox: SandboxProcess, random: SeededRandom): Promise<void> {
  if (random.next() < 0.15) {
    const vendor = random.pick(readBack);
    await sandbox.fail(vendor, { fault: { type: 'lie' }, path: deletionPaths[vendor], times: 1 });
    return;
  }
  const vendor = random.pick<SandboxVendor>(['mixpanel', 'clevertap', 'altcraft', 'segment']);
  const fault = random.pick(faults);
  const rule =
    fault === '500' || fault === '429' ? { type: 'status', status: Number(fault), body: {} } : { type: fault };
  await sandbox.fail(vendor, { fault: rule, path: deletionPaths[vendor], times: random.between(1, 3) });
}
