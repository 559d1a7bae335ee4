import { type ConformanceCheck, ensure } from './conformance-check.ts';
import { showsAny } from './shows-any.ts';

/** Shorter values stand in any sentence by chance. */
const shortestTelling = 6;

/** The check, which also looks into everything that verify() says meanwhile, whatever the vendor answered: it names nobody. */
export function watchingReads(check: ConformanceCheck): ConformanceCheck {
  return {
    ...check,
    async run(harness) {
      const { connector } = harness;
      const { verify } = connector;
      if (verify === undefined) return check.run(harness);
      let showsPerson = false;
      const watched: typeof connector = {
        ...connector,
        async verify(targets, options) {
          const outcomes = await verify.call(connector, targets, options);
          const values = targets.map(({ value }) => value).filter((value) => value.length >= shortestTelling);
          const said = outcomes.filter((outcome) => outcome?.type === 'unknown');
          showsPerson ||= said.length > 0 && showsAny(said, values);
          return outcomes;
        },
      };
      await check.run({ ...harness, connector: watched });
      ensure(
        !showsPerson,
        "verify() returns an outcome ('unknown') that shows the person. Its reason is printed: use your own words alone.",
      );
    },
  };
}
