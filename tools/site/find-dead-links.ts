import { LinkChecker } from 'linkinator';

/**
 * Finds the links in a folder of HTML pages that lead nowhere inside it: to a file that is not there, or to an anchor
 * that its page does not have. Links to other hosts are left alone; nothing is asked of the network.
 *
 * @returns One line for each: `docs/a.html: docs/b.html#gone`.
 */
export async function findDeadLinks(folder: string): Promise<readonly string[]> {
  const outside: string[] = [];
  const result = await new LinkChecker().check({
    path: '**/*.html',
    serverRoot: folder,
    checkFragments: true,
    linksToSkip: async (link) => {
      const isOutside = !/^http:\/\/127\.0\.0\.1[:/]/.test(link);
      if (isOutside) outside.push(link);
      return isOutside;
    },
  });
  if (result.links.length === outside.length) throw new Error(`There is no page with a link in ${folder}.`);
  return result.links
    .filter(({ state }) => state === 'BROKEN')
    .map(({ url, parent }) => `${parent ?? ''}: ${url}`)
    .sort();
}
