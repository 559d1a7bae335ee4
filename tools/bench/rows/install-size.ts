import { join } from 'node:path';
import type { BenchRow, Breakdown, Figure } from '../bench-row.ts';
import { inspectInstallation, unusedDependencies } from '../installed-packages.ts';
import { root } from '../workplace.ts';

const packages = [
  'packages/connector-clevertap',
  'packages/connector-mixpanel',
  'packages/connector-segment',
  'packages/connector-altcraft',
  'packages/engine',
  'apps/runner',
];

/** What installing a package brings along. */
export const installSize: BenchRow = {
  name: 'install-size',
  title: 'Install size and dependencies',
  measure() {
    const installations = packages.map((folder) => ({
      folder,
      ...inspectInstallation(join(root, folder)),
      unused: unusedDependencies(join(root, folder)),
    }));
    const figures = installations.map(({ folder, bytes, packages: all, native, unused }): Figure => {
      const others = all.length - 1;
      return {
        what: `${folder}: ${others} other packages, ${native.length} native, ${unused.length} unused`,
        unit: 'MB',
        values: [bytes / 1e6],
        target: { text: 'no native build, nothing unused', isMet: native.length + unused.length === 0 },
      };
    });
    const breakdown: Breakdown = {
      title: 'What comes along',
      columns: ['package', 'with it'],
      lines: installations.map(({ folder, packages: all }) => [folder, all.join(', ')]),
    };
    return Promise.resolve({
      figures,
      breakdowns: [breakdown],
      notes: [
        'The files that would be published of each of our packages, and of every package below them, each counted once; sizes on disk after unpacking. Unused: declared, and imported nowhere in the built code.',
      ],
    });
  },
};
