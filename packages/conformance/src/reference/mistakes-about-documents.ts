import { failure } from './call-vendor.ts';
import { type Mistake, wrongError } from './spoil.ts';

/** What a connector makes of what its vendor documents: words, times, and several calls in a row. */
export const mistakesAboutDocuments: readonly Mistake[] = [
  {
    mistake: 'swallows the failure of a second call of its access',
    spoil: (connector) => ({
      ...connector,
      async checkAccess(options) {
        const report = await connector.checkAccess(options);
        await connector.verify?.([{ type: 'id', value: 'nobody' }], options).catch(() => []);
        return report;
      },
    }),
    check: 'checkAccess() tells when a call after its first one fails',
    advice: /makes 2 calls, and says the same when the vendor answers HTTP 401 to all but the first 1/,
  },
  {
    mistake: 'takes the body of a refusal for one under a status that says that the server fails',
    spoil: wrongError((error) => (error.httpStatus === 500 ? failure('request-rejected', 500) : error)),
    check: 'submit() leaves in doubt what a documented answer means under HTTP 500 and 503',
    advice: /\(submit, HTTP 200\) comes with HTTP 500, submit\(\) says 'request-rejected'/,
  },
  {
    mistake: 'leaves out what is there twice by its value alone',
    spoil: (connector) => {
      const { capabilities } = connector;
      return {
        ...connector,
        capabilities: { ...capabilities, identifiers: [...capabilities.identifiers, { type: 'alias', from: [] }] },
        targetsOf: ({ identifiers }) => [
          ...new Map(identifiers.map(({ type, value }) => [value, { type, value }])).values(),
        ],
      };
    },
    check: 'keeps identifiers of two types apart that have the same value',
    advice: /makes no 'id' of a subject whose identifiers all have the same value/,
  },
  {
    mistake: 'reads before the vendor shows what it did',
    spoil: (connector) => {
      let isLate = false;
      return {
        ...connector,
        async verify(targets, options) {
          const seen = (await connector.verify?.(targets, options)) ?? [];
          if (isLate) return seen;
          isLate = true;
          return seen.map(() => ({ type: 'present' as const }));
        },
      };
    },
    check: 'verify() is worth its call at capabilities.readBack.afterMs',
    advice: /afterMs is 0, and that long after the end verify\(\) still says 'present'/,
  },
  {
    mistake: 'remembers for good whom it saw gone',
    spoil: (connector) => {
      const gone = new Set<string>();
      return {
        ...connector,
        async verify(targets, options) {
          const seen = (await connector.verify?.(targets, options)) ?? [];
          return seen.map((outcome, index) => {
            const value = targets[index]?.value ?? '';
            if (outcome.type === 'absent') gone.add(value);
            return gone.has(value) ? { type: 'absent' as const } : outcome;
          });
        },
      };
    },
    check: 'a person who comes back is seen again, and deleted again',
    advice: /verify\(\) says 'absent' of a person who was deleted and came back/,
  },
  {
    mistake: 'repeats what the vendor says of a person',
    spoil: (connector, baseUrl) => ({
      ...connector,
      async submit(targets) {
        const reply = await fetch(`${baseUrl}/deletions`, { method: 'POST', body: '{}' });
        const message = await reply.text();
        return targets.map(() => ({ type: 'rejected', reason: 'refused', message }));
      },
    }),
    check: "repeats none of the vendor's texts that may name the person",
    advice: /\(submit, HTTP 200\) holds the person's identifier in one of its texts, submit\(\) shows it/,
  },
];
