import { ConnectorError, type VerifyOutcome } from '@expunge/core';
import { failure } from './call-vendor.ts';
import { type Mistake, wrongError, wrongPerson } from './spoil.ts';

const isNotFound = (error: unknown) => ConnectorError.isInstance(error) && error.httpStatus === 404;
const isDots = (value: string) => value === '.' || value === '..';

/** What is not there, and what only looks as if it were not. */
export const mistakesAboutAbsence: readonly Mistake[] = [
  {
    mistake: 'takes any 404 for an absence',
    spoil: (connector) => ({
      ...connector,
      submit: (targets, options) =>
        connector.submit(targets, options).catch((error: unknown) => {
          if (isNotFound(error)) return targets.map(() => ({ type: 'absent' }));
          throw error;
        }),
    }),
    check: 'submit() when the vendor answers HTTP 404',
    advice: /submit\(\) reports 'absent'.* answers 404 too, and the person is still there/,
  },
  {
    mistake: 'takes a wrong address for trouble that passes',
    spoil: wrongError((error) => (error.httpStatus === 404 ? failure('vendor-unavailable') : error)),
    check: 'submit() when the vendor answers HTTP 404',
    advice: /code is 'vendor-unavailable'. Use 'setup-wrong'/,
  },
  {
    mistake: 'takes any 404 for an absence when it reads',
    spoil: (connector) => ({
      ...connector,
      verify: async (targets, options) => {
        try {
          return (await connector.verify?.(targets, options)) ?? [];
        } catch (error) {
          if (isNotFound(error)) return targets.map(() => ({ type: 'absent' }));
          throw error;
        }
      },
    }),
    check: 'verify() when the vendor answers HTTP 404',
    advice: /verify\(\) says 'absent'. A look-up that failed shows no absence/,
  },
  {
    mistake: 'sees presence, and never an absence',
    spoil: (connector) => ({
      ...connector,
      verify: async (targets, options) =>
        ((await connector.verify?.(targets, options)) ?? []).map(
          (outcome): VerifyOutcome =>
            outcome.type === 'absent' ? { type: 'unknown', reason: 'Nobody was found.' } : outcome,
        ),
    }),
    check: 'verify() no longer sees a person who was deleted',
    advice: /A read-back that sees nobody's absence proves no deletion/,
  },
  {
    mistake: 'asks the vendor about nobody',
    spoil: (connector) => ({
      ...connector,
      async verify(targets, options) {
        if (targets.length === 0) await connector.checkAccess(options);
        return (await connector.verify?.(targets, options)) ?? [];
      },
    }),
    check: 'verify() of nobody, and with a signal that has been given up already',
    advice: /verify\(\[\]\) calls the vendor/,
  },
  {
    mistake: 'reads on although it was given up',
    spoil: (connector) => ({
      ...connector,
      verify: async (targets) => (await connector.verify?.(targets)) ?? [],
    }),
    check: 'verify() of nobody, and with a signal that has been given up already',
    advice: /verify\(\) calls the vendor although its signal is aborted/,
  },
  {
    mistake: 'asks for a state although it was given up',
    spoil: (connector) => ({
      ...connector,
      check: async (receipt, targets) =>
        (await connector.check?.(receipt, targets)) ?? { state: 'lost', vendorStatus: 'none' },
    }),
    check: 'check() with a signal that has been given up already',
    advice: /check\(\) calls the vendor although its signal is aborted/,
  },
  {
    mistake: 'puts dots into a path when it deletes',
    spoil: wrongPerson((value) => (isDots(value) ? 'ada-4711' : value)),
    check: 'an identifier of dots only reaches its person or is refused',
    advice: /'.' does not reach its person, .* A URL's path cannot hold it/,
  },
  {
    mistake: 'puts dots into a path when it reads',
    spoil: (connector) => ({
      ...connector,
      verify: async (targets, options) =>
        targets.some(({ value }) => isDots(value))
          ? targets.map(() => ({ type: 'absent' }))
          : ((await connector.verify?.(targets, options)) ?? []),
    }),
    check: 'an identifier of dots only is read back from its person or not at all',
    advice: /verify\(\) says 'absent' of '.', who is there/,
  },
  {
    mistake: 'trims identifiers',
    spoil: wrongPerson((value) => value.trim()),
    check: 'odd identifiers reach the right person',
    advice: /with a space at its end/,
  },
  {
    mistake: 'lower-cases identifiers',
    spoil: wrongPerson((value) => value.toLowerCase()),
    check: 'odd identifiers reach the right person',
    advice: /with a capital letter/,
  },
];
