import { startAltcraftSandbox } from './altcraft-sandbox.ts';
import type { AltcraftSettings } from './altcraft-settings.ts';
import { type BrazeSettings, startBrazeSandbox } from './braze-sandbox.ts';
import { type CleverTapSettings, startCleverTapSandbox } from './clevertap-sandbox.ts';
import type { SandboxClock } from './kit/sandbox-clock.ts';
import type { VendorServer } from './kit/vendor-server.ts';
import { startMixpanelSandbox } from './mixpanel-sandbox.ts';
import type { MixpanelSettings } from './mixpanel-settings.ts';
import { type OneSignalSettings, startOneSignalSandbox } from './onesignal-sandbox.ts';
import { startOpenDsrSandbox } from './opendsr-sandbox.ts';
import type { OpenDsrSettings } from './opendsr-settings.ts';
import { startSegmentSandbox } from './segment-sandbox.ts';
import type { SegmentSettings } from './segment-settings.ts';
import { resolveVendorOptions, type VendorOptions } from './vendor-options.ts';

/** What differs from each vendor's default settings. */
export interface VendorSettings {
  mixpanel?: Partial<MixpanelSettings>;
  clevertap?: Partial<CleverTapSettings>;
  altcraft?: Partial<AltcraftSettings>;
  segment?: Partial<SegmentSettings>;
  opendsr?: Partial<OpenDsrSettings>;
  onesignal?: Partial<OneSignalSettings>;
  braze?: Partial<BrazeSettings>;
}

/** One line per vendor: its name, and what starts it. */
const vendorStarters = {
  mixpanel: (options, { mixpanel = {} }) => startMixpanelSandbox({ ...options, settings: mixpanel }),
  clevertap: (options, { clevertap = {} }) => startCleverTapSandbox({ ...options, settings: clevertap }),
  altcraft: (options, { altcraft = {} }) => startAltcraftSandbox({ ...options, settings: altcraft }),
  segment: (options, { segment = {} }) => startSegmentSandbox({ ...options, settings: segment }),
  onesignal: (options, { onesignal = {} }) => startOneSignalSandbox({ ...options, settings: onesignal }),
  opendsr: (options, { opendsr = {} }) => startOpenDsrSandbox({ ...options, settings: opendsr }),
  braze: (options, settings) => startBrazeSandbox({ ...options, settings: settings.braze ?? {} }),
} satisfies Record<string, (options: VendorOptions, settings: VendorSettings) => Promise<VendorServer>>;

export type VendorName = keyof typeof vendorStarters;

type VendorSandboxes = { [Name in VendorName]: Awaited<ReturnType<(typeof vendorStarters)[Name]>> };

export interface SandboxOptions<Name extends VendorName = VendorName> {
  /** The vendors' days. A manual clock unless told: nothing passes until a test advances it. */
  clock?: SandboxClock;
  /** What limits are counted in. The clock itself, or real time where the clock is scaled, unless told. */
  limitClock?: SandboxClock;
  /** `documented` (429 beyond the vendor's limits) unless told. */
  limits?: 'documented' | 'off';
  /** Real milliseconds between acting and answering, so that calls overlap; 0 unless told. */
  latencyMs?: number;
  /** Free ones unless told. */
  ports?: Partial<Record<VendorName, number>>;
  /** A loopback address, `127.0.0.1` unless told. */
  host?: string;
  /** Only these; all unless told. */
  vendors?: readonly Name[];
  /** Where a vendor should differ from its defaults from the start. */
  settings?: VendorSettings;
  /** How many requests each vendor's log keeps at least, 20,000 unless told. */
  keptRequests?: number;
}

export type Sandbox<Name extends VendorName = VendorName> = Pick<VendorSandboxes, Name> & {
  readonly clock: SandboxClock;
  /** Ends all connections at all vendors at once. */
  close(): Promise<void>;
};

export const vendorNames = Object.keys(vendorStarters) as readonly VendorName[];

/** Starts fake vendors on loopback, each on a port of its own. */
export async function startSandbox<Name extends VendorName = VendorName>(
  options: SandboxOptions<Name> = {},
): Promise<Sandbox<Name>> {
  const shared = resolveVendorOptions(options);
  const { clock } = shared;
  const started: [VendorName, VendorServer][] = [];
  const close = async () => {
    await Promise.all(started.map(([, vendor]) => vendor.close()));
  };
  try {
    for (const name of options.vendors ?? vendorNames) {
      const port = options.ports?.[name] ?? 0;
      started.push([name, await vendorStarters[name]({ ...shared, port }, options.settings ?? {})]);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return Object.assign(Object.fromEntries(started) as Pick<VendorSandboxes, Name>, { clock, close });
}
