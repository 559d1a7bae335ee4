import { ConnectorError } from '@expunge/core';
import { failure } from './call-vendor.ts';
import { mistakesAboutAbsence } from './mistakes-about-absence.ts';
import { mistakesAboutAnswers } from './mistakes-about-answers.ts';
import { mistakesAboutDocuments } from './mistakes-about-documents.ts';
import { mistakesAboutItself } from './mistakes-about-itself.ts';
import { referenceToken } from './reference-vendor.ts';
import { type Mistake, withMessage, wrongError, wrongPerson } from './spoil.ts';

/** What a server makes of a value that was put into a path without percent-encoding. */
function unencoded(value: string): string {
  const { pathname } = new URL(`http://vendor.test/${value}`);
  return decodeURIComponent(pathname.slice(1)) || 'nobody';
}

/** Every mistake that the suite is known to notice. */
export const mistakes: readonly Mistake[] = [
  ...mistakesAboutAbsence,
  ...mistakesAboutAnswers,
  ...mistakesAboutDocuments,
  ...mistakesAboutItself,
  {
    mistake: 'addresses somebody else',
    spoil: wrongPerson((value) => value.slice(0, -1)),
    check: 'touches nobody else',
    advice: /Somebody else was deleted/,
  },
  {
    mistake: 'lets the caller hear of the first call alone',
    spoil: (connector) => ({
      ...connector,
      verify: async (targets, { beforeCall, ...options } = {}) => {
        await beforeCall?.();
        return (await connector.verify?.(targets, options)) ?? [];
      },
    }),
    check: 'awaits beforeCall() before every call to the vendor',
    advice: /verify\(\) makes 2 calls .* 1 times/,
  },
  {
    mistake: 'deletes nobody',
    spoil: wrongPerson((value) => `user:${value}`),
    check: 'deletes the person from the vendor, and says so in the end',
    advice: /still in the vendor's memory/,
  },
  {
    mistake: 'takes digits for a number',
    spoil: wrongPerson((value) => (/^\d+$/.test(value) ? `${Number(value)}` : value)),
    check: 'odd identifiers reach the right person',
    advice: /with digits with zeros in front .*digits are no number/,
  },
  {
    mistake: 'puts identifiers into a path as they are',
    spoil: (connector) => ({
      ...connector,
      verify: async (targets) =>
        (await connector.verify?.(targets.map((target) => ({ ...target, value: unencoded(target.value) })))) ?? [],
    }),
    check: 'odd identifiers are read back from the right person',
    advice: /Percent-encode it/,
  },
  {
    mistake: 'takes HTTP 200 for a success',
    spoil: (connector) => ({
      ...connector,
      submit: (targets, options) =>
        connector.submit(targets, options).catch((error: unknown) => {
          if (ConnectorError.isInstance(error) && error.httpStatus === 200)
            return targets.map(() => ({ type: 'accepted' }));
          throw error;
        }),
    }),
    check: 'submit() when the vendor refuses with a success status',
    advice: /takes a refusal for 'accepted'/,
  },
  {
    mistake: 'drops the outcomes of unknown people',
    spoil: (connector) => ({
      ...connector,
      submit: async (...call) => (await connector.submit(...call)).filter(({ type }) => type !== 'absent'),
    }),
    check: 'answers every target in order: known, unknown and twice the same',
    advice: /got 3 targets and returned 2 outcomes/,
  },
  {
    mistake: "keeps the vendor's order",
    spoil: (connector) => ({
      ...connector,
      submit: async (...call) => [...(await connector.submit(...call))].reverse(),
    }),
    check: 'answers every target in order: known, unknown and twice the same',
    advice: /'absent' for a person whom the vendor has/,
  },
  {
    mistake: 'takes accepted for deleted',
    spoil: (connector) => ({
      ...connector,
      submit: async (...call) => (await connector.submit(...call)).map(() => ({ type: 'deleted' })),
    }),
    check: "never says 'deleted' before it is true",
    advice: /accepted is not deleted/,
  },
  {
    mistake: 'takes every status for the last one',
    spoil: (connector) => ({ ...connector, check: async () => ({ state: 'deleted', vendorStatus: 'running' }) }),
    check: "never says 'deleted' before it is true",
    advice: /check\(\) says 'deleted' while/,
  },
  {
    mistake: 'polls for ever',
    spoil: (connector) => ({ ...connector, check: async () => ({ state: 'pending', vendorStatus: 'done' }) }),
    check: 'deletes the person from the vendor, and says so in the end',
    advice: /still says 'pending'/,
  },
  {
    mistake: 'names the person in an error',
    spoil: wrongError((error, targets) => withMessage(error, `Could not delete ${targets[0]?.value}.`)),
    check: 'submit() when the vendor answers HTTP 500',
    advice: /shows the person's identifier/,
  },
  {
    mistake: 'keeps a header in an error',
    spoil: wrongError((error) =>
      Object.assign(withMessage(error, error.message), { cause: { authorization: `Bearer ${referenceToken}` } }),
    ),
    check: 'submit() when the vendor answers HTTP 500',
    advice: /shows a credential/,
  },
  {
    mistake: 'throws what it caught',
    spoil: wrongError(() => new Error('socket hang up')),
    check: 'submit() when the vendor resets the connection',
    advice: /something else than a ConnectorError/,
  },
  {
    mistake: 'claims that nothing happened after a reset',
    spoil: wrongError((error) => (error.code === 'connection-lost' ? failure('connection-failed') : error)),
    check: 'submit() when the vendor acts and resets the connection',
    advice: /claims that nothing happened/,
  },
  {
    mistake: 'confuses a refused token with trouble at the vendor',
    spoil: wrongError((error) => (error.httpStatus === 401 ? failure('vendor-unavailable') : error)),
    check: 'submit() when the vendor answers HTTP 401',
    advice: /leaves in doubt whether it acted/,
  },
  {
    mistake: 'loses the retry hint',
    spoil: wrongError((error) => failure(error.code, error.httpStatus)),
    check: 'submit() when the vendor answers HTTP 429 with Retry-After',
    advice: /retryAfterMs is undefined instead of 7000/,
  },
  {
    mistake: 'splits batches by itself',
    spoil: (connector) => ({
      ...connector,
      async submit(targets, options) {
        const outcomes = [];
        for (const target of targets) outcomes.push(...(await connector.submit([target], options)));
        return outcomes;
      },
    }),
    check: 'refuses a batch with too many targets before calling',
    advice: /maxTargets is 5, and submit\(\) calls the vendor with more/,
  },
  {
    mistake: 'ignores the signal',
    spoil: (connector) => ({ ...connector, submit: (targets) => connector.submit(targets) }),
    check: 'submit() with a signal that has been given up already',
    advice: /returns as if it had worked/,
  },
  {
    mistake: 'does not hand the signal on',
    spoil: (connector) => ({
      ...connector,
      submit: (targets, options = {}) => connector.submit(targets, options.signal?.aborted === true ? options : {}),
    }),
    check: 'submit() with a signal that is given up while the vendor is silent',
    advice: /goes on waiting after its signal was aborted/,
  },
  {
    mistake: 'takes a failed look-up for an absence',
    spoil: (connector) => ({
      ...connector,
      verify: async (targets, options) =>
        connector.verify?.(targets, options).catch(() => targets.map(() => ({ type: 'absent' as const }))) ?? [],
    }),
    check: 'verify() when the vendor answers HTTP 500',
    advice: /A look-up that failed shows no absence/,
  },
  {
    mistake: 'believes its own submission when reading back',
    spoil: (connector) => {
      const submitted = new Set<string>();
      return {
        ...connector,
        submit(targets, options) {
          for (const { value } of targets) submitted.add(value);
          return connector.submit(targets, options);
        },
        verify: async (targets) =>
          targets.map(({ value }) => ({ type: submitted.has(value) ? ('absent' as const) : ('present' as const) })),
      };
    },
    check: 'verify() catches a vendor that says it deleted and did not',
    advice: /says 'absent' of a person who is still there/,
  },
  {
    mistake: 'says that it is polled and cannot be asked',
    spoil: ({ check: _check, ...connector }) => connector,
    check: 'keeps to the shape of the contract',
    advice: /it has no check\(\)/,
  },
  {
    mistake: 'makes targets of whatever comes',
    spoil: (connector) => ({
      ...connector,
      targetsOf: ({ identifiers }) => identifiers.map((given) => ({ ...given })),
    }),
    check: 'targetsOf() is pure, and makes nothing of identifiers it does not know',
    advice: /not in capabilities.identifiers/,
  },
  {
    mistake: 'puts the person into the receipt',
    spoil: (connector) => ({
      ...connector,
      submit: async (targets, options) =>
        (await connector.submit(targets, options)).map((outcome, index) =>
          outcome.type === 'accepted'
            ? { ...outcome, receipt: { ...outcome.receipt, id: targets[index]?.value ?? '' } }
            : outcome,
        ),
    }),
    check: 'receipts are plain JSON and name no person',
    advice: /A receipt holds the person's identifier/,
  },
  {
    mistake: 'calls nothing back',
    spoil: (connector) => ({ ...connector, cancel: async () => ({ type: 'cancelled' }) }),
    check: 'cancels what the vendor has not begun',
    advice: /was deleted all the same/,
  },
  {
    mistake: "recovers somebody else's submission",
    spoil: (connector) => {
      let submissions = 0;
      return {
        ...connector,
        submit(targets, options) {
          submissions += 1;
          return connector.submit(targets, options);
        },
        recover: async () => (submissions === 0 ? undefined : { job: `job-${submissions}` }),
      };
    },
    check: 'recovers the receipt of a submission whose reply was lost',
    advice: /takes somebody else's submission/,
  },
  {
    mistake: 'checks no credentials',
    spoil: (connector) => ({ ...connector, checkAccess: async () => ({ proven: ['All is well.'], unproven: [] }) }),
    check: 'checkAccess() fails with wrong credentials',
    advice: /returns as if it had worked/,
  },
  {
    mistake: 'checks credentials by deleting',
    spoil: (connector) => ({
      ...connector,
      async checkAccess() {
        await connector.submit([{ type: 'id', value: 'nobody' }]);
        return { proven: ['The token may delete.'], unproven: [] };
      },
    }),
    check: 'checkAccess() says what it has proven, and touches nobody',
    advice: /changes something at the vendor/,
  },
];
