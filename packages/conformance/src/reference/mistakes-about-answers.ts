import { ConnectorError, type DeletionConnector, type SubmitOutcome, type Target } from '@expunge/core';
import { type Mistake, wrongPerson } from './spoil.ts';

const printer = globalThis.console;
const codeOf = (error: unknown) => (ConnectorError.isInstance(error) ? error.code : undefined);

/** Makes something of a failed submission. */
const believing = (codes: readonly string[], outcome: SubmitOutcome) => {
  return (connector: DeletionConnector): DeletionConnector => ({
    ...connector,
    submit: (targets, options) =>
      connector.submit(targets, options).catch((error: unknown) => {
        if (codes.includes(`${codeOf(error)}`)) return targets.map(() => outcome);
        throw error;
      }),
  });
};

/** Takes a failure of `check` for a state. */
const believingState = (codes: readonly string[], state: 'pending' | 'deleted') => {
  return (connector: DeletionConnector): DeletionConnector => ({
    ...connector,
    check: (receipt, ...rest) =>
      (connector.check?.(receipt, ...rest) ?? Promise.reject()).catch((error: unknown) => {
        if (codes.includes(`${codeOf(error)}`)) return { state, vendorStatus: 'none' };
        throw error;
      }),
  });
};

/** What an answer says, of whom, and when. */
export const mistakesAboutAnswers: readonly Mistake[] = [
  {
    mistake: 'takes running for done',
    spoil: (connector) => ({
      ...connector,
      async check(receipt, ...rest) {
        const outcome = await connector.check?.(receipt, ...rest);
        const isRunning = outcome !== undefined && 'vendorStatus' in outcome && outcome.vendorStatus === 'running';
        return outcome === undefined || isRunning ? { state: 'deleted', vendorStatus: 'running' } : outcome;
      },
    }),
    check: "says 'deleted' at no moment on the way before it is true",
    advice: /check\(\) says 'deleted' \(running\) while the vendor works, and the person is still at the vendor/,
  },
  {
    mistake: 'takes the end of a job for that of everybody whom it was made for',
    spoil: (connector) => ({
      ...connector,
      async check(receipt, ...rest) {
        const outcomes = await connector.check?.(receipt, ...rest);
        return (
          [outcomes].flat().find((outcome) => outcome?.state !== 'unknown') ?? { state: 'lost', vendorStatus: 'none' }
        );
      },
    }),
    check: 'check() does not take the end of a job for the end of somebody whom the answer no longer names',
    advice: /When it leaves one out, check\(\) says 'deleted' of that person/,
  },
  {
    mistake: 'asks about the first job for ever',
    spoil: (connector) => {
      let first: Parameters<NonNullable<DeletionConnector['check']>> | undefined;
      return {
        ...connector,
        check: async (...call) => {
          first ??= call;
          return (await connector.check?.(...first)) ?? { state: 'lost', vendorStatus: 'none' };
        },
      };
    },
    check: 'a submission does not end with one that was made before it',
    advice: /right after an older submission has ended, and the person is still at the vendor/,
  },
  {
    mistake: 'takes the end of any job for the end of all',
    spoil: (connector) => {
      let hasEnded = false;
      return {
        ...connector,
        async check(receipt, ...rest) {
          const outcome = (await connector.check?.(receipt, ...rest)) ?? { state: 'lost', vendorStatus: 'none' };
          hasEnded ||= 'state' in outcome && outcome.state === 'deleted';
          return hasEnded ? { state: 'deleted', vendorStatus: 'done' } : outcome;
        },
      };
    },
    check: "does not take another submission's end for its own",
    advice: /while another submission has ended, and the person is still at the vendor/,
  },
  {
    mistake: 'takes an answer about somebody else for its own',
    spoil: believing(['response-unexpected'], { type: 'accepted' }),
    check: 'submit() does not take an answer about somebody else for one about this person',
    advice: /names another person, and submit\(\) reports 'accepted'/,
  },
  {
    mistake: 'takes silence about a person for an absence',
    spoil: believing(['response-unexpected'], { type: 'absent' }),
    check: 'submit() makes nothing of an answer that leaves out somebody whom it has to name',
    advice: /leaves one out, submit\(\) reports 'absent' of that person/,
  },
  {
    mistake: 'takes an answer about another job for its own',
    spoil: believingState(['answer-contradictory'], 'deleted'),
    check: 'check() does not take an answer about another submission for one about this',
    advice: /names another submission, and check\(\) says 'deleted'/,
  },
  {
    mistake: 'takes any answer to a cancellation for its own',
    spoil: (connector) => ({
      ...connector,
      cancel: (receipt, ...rest) =>
        (connector.cancel?.(receipt, ...rest) ?? Promise.reject()).catch(() => ({ type: 'cancelled' as const })),
    }),
    check: 'cancel() does not take an answer about another submission for one about this',
    advice: /cancel\(\) says 'cancelled'/,
  },
  {
    mistake: 'takes whatever is read for the person',
    spoil: (connector) => ({
      ...connector,
      verify: (targets, options) =>
        (connector.verify?.(targets, options) ?? Promise.reject()).catch(() =>
          targets.map(() => ({ type: 'present' })),
        ),
    }),
    check: 'verify() does not take an answer about somebody else for one about this person',
    advice: /names another person, and verify\(\) says 'present'/,
  },
  {
    mistake: 'waits on for whatever it does not know',
    spoil: believingState(['response-unexpected'], 'pending'),
    check: 'check() does not guess what an unknown word means',
    advice: /a state that it does not document, check\(\) says 'pending'/,
  },
  {
    mistake: 'takes other JSON for a state',
    spoil: believingState(['response-unexpected'], 'pending'),
    check: 'check() makes nothing of answers that the vendor does not document',
    advice: /When the vendor answers HTTP 200 with \{\}, check\(\) says 'pending'/,
  },
  {
    mistake: 'takes a bare 404 for an absence',
    spoil: believing(['setup-wrong'], { type: 'absent' }),
    check: 'submit() makes nothing of answers that the vendor does not document',
    advice: /HTTP 404 with \{\}, submit\(\) says 'absent'/,
  },
  {
    mistake: 'names the person where a read tells nothing',
    spoil: (connector) => ({
      ...connector,
      verify: (targets, options) =>
        (connector.verify?.(targets, options) ?? Promise.reject()).catch(() =>
          targets.map(({ value }) => ({ type: 'unknown', reason: `Nothing is known of ${value}.` })),
        ),
    }),
    check: "verify() does not take the vendor's own answer at a wrong address for an absence",
    advice: /verify\(\) returns an outcome \('unknown'\) that shows the person/,
  },
  {
    mistake: 'takes an absence for one whatever the status is',
    spoil: (connector) => ({
      ...connector,
      verify: (targets, options) =>
        (connector.verify?.(targets, options) ?? Promise.reject()).catch(() => targets.map(() => ({ type: 'absent' }))),
    }),
    check: 'verify() makes nothing of an absence that comes with an error status',
    advice: /HTTP 500 with the body that means nobody is there, and verify\(\) says 'absent'/,
  },
  {
    mistake: 'takes other JSON for an absence',
    spoil: (connector) => ({
      ...connector,
      verify: (targets, options) =>
        (connector.verify?.(targets, options) ?? Promise.reject()).catch(() => targets.map(() => ({ type: 'absent' }))),
    }),
    check: 'verify() makes nothing of answers that the vendor does not document',
    advice: /verify\(\) says 'absent'/,
  },
  {
    mistake: 'takes any 404 for a job that was called back',
    spoil: (connector) => ({
      ...connector,
      cancel: (receipt, ...rest) =>
        (connector.cancel?.(receipt, ...rest) ?? Promise.reject()).catch(() => ({ type: 'too-late' as const })),
    }),
    check: 'cancel() makes nothing of answers that the vendor does not document',
    advice: /cancel\(\) says 'too-late'/,
  },
  {
    mistake: 'takes an unreadable list for an empty one',
    spoil: (connector) => ({
      ...connector,
      recover: (...call) => (connector.recover?.(...call) ?? Promise.reject()).catch(() => undefined),
    }),
    check: 'recover() makes nothing of answers that the vendor does not document',
    advice: /recover\(\) says 'nothing was found'/,
  },
  {
    mistake: 'takes any answer for access',
    spoil: (connector) => ({
      ...connector,
      checkAccess: (options) => connector.checkAccess(options).catch(() => ({ proven: ['It answers.'], unproven: [] })),
    }),
    check: 'checkAccess() makes nothing of answers that the vendor does not document',
    advice: /checkAccess\(\) says 'It answers.'/,
  },
  {
    mistake: 'sends a list at whose commas the vendor splits',
    spoil: wrongPerson((value) => value.split(',')[0] ?? value),
    check: 'odd identifiers reach the right person',
    advice: /with a comma does not reach its person.*mark it with `isRefused`/,
  },
  {
    mistake: 'sends an asterisk as a pattern',
    spoil: wrongPerson((value) => value.replace('*', '-ada')),
    check: 'odd identifiers reach the right person',
    advice: /with an asterisk/,
  },
  {
    mistake: 'reads braces as a template',
    spoil: wrongPerson((value) => value.replace(/\{.*\}/, '')),
    check: 'odd identifiers reach the right person',
    advice: /with braces/,
  },
  {
    mistake: 'trims in front',
    spoil: wrongPerson((value) => value.trimStart()),
    check: 'odd identifiers reach the right person',
    advice: /with a space in front/,
  },
  {
    mistake: 'uses the first identifier of a person only',
    spoil: (connector) => ({ ...connector, targetsOf: (subject) => connector.targetsOf(subject).slice(0, 1) }),
    check: 'makes targets of all identifiers of a person, each once',
    advice: /targetsOf\(\) uses one/,
  },
  {
    mistake: 'sends an identifier as often as it is given',
    spoil: (connector) => ({
      ...connector,
      targetsOf: ({ identifiers }) =>
        identifiers.filter(({ type }) => type === 'id').map(({ value }) => ({ type: 'id', value })),
    }),
    check: 'makes targets of all identifiers of a person, each once',
    advice: /given twice makes another target/,
  },
  {
    mistake: 'gives equal targets one outcome and another',
    spoil: (connector) => ({
      ...connector,
      submit: async (targets, options) => {
        const seen = new Set<string>();
        const outcomes = await connector.submit(targets, options);
        return outcomes.map((outcome, index): SubmitOutcome => {
          const { value = '' } = targets[index] ?? {};
          const isRepeat = seen.has(value);
          seen.add(value);
          return isRepeat ? { type: 'absent' } : outcome;
        });
      },
    }),
    check: 'equal targets of a call get equal outcomes',
    advice: /'accepted' and 'absent' of the same target/,
  },
  {
    mistake: 'puts outcomes together by type',
    spoil: (connector) => {
      const alias = (targets: readonly Target[]) => targets.filter(({ type }) => type === 'alias');
      const ids = (targets: readonly Target[]) => targets.filter(({ type }) => type === 'id');
      const { capabilities } = connector;
      return {
        ...connector,
        capabilities: { ...capabilities, identifiers: [...capabilities.identifiers, { type: 'alias', from: [] }] },
        targetsOf: ({ identifiers }) => identifiers.filter(({ type }) => type === 'id' || type === 'alias'),
        submit: async (targets, options) => [
          ...(await connector.submit(ids(targets), options)),
          ...alias(targets).map(() => ({ type: 'absent' as const })),
        ],
      };
    },
    check: 'outcomes stay in order where the types of identifiers are mixed',
    advice: /'absent' of a person who is there.*splitting them by type/,
  },
  {
    mistake: 'takes the order of an answer for that of the question',
    spoil: (connector) => ({
      ...connector,
      verify: async (targets, options) => ((await connector.verify?.(targets, options)) ?? []).toReversed(),
    }),
    check: 'verify() tells people in one call apart',
    advice: /in a call about several, and '\w+' in a call of their own. Match the answer by id/,
  },
  {
    mistake: "takes the vendor's own answer at a wrong address for an absence",
    spoil: believing(['request-rejected'], { type: 'absent' }),
    check: "submit() does not take the vendor's own answer at a wrong address for one about the person",
    advice: /answers HTTP 404 in its own form, and submit\(\) says 'absent'/,
  },
  {
    mistake: "takes the vendor's own answer at a wrong address for a state",
    spoil: believingState(['request-rejected'], 'deleted'),
    check: "check() does not take the vendor's own answer at a wrong address for one about the submission",
    advice: /in its own form, and check\(\) says 'deleted'/,
  },
  {
    mistake: "takes the vendor's own answer at a wrong address for an absence when it reads",
    spoil: (connector) => ({
      ...connector,
      verify: (targets, options) =>
        (connector.verify?.(targets, options) ?? Promise.reject()).catch(() => targets.map(() => ({ type: 'absent' }))),
    }),
    check: "verify() does not take the vendor's own answer at a wrong address for an absence",
    advice: /in its own form, and verify\(\) says 'absent'/,
  },
  {
    mistake: 'says that it deleted whom the vendor never knew',
    spoil: (connector) => ({
      ...connector,
      submit: async (targets, options) =>
        (await connector.submit(targets, options)).map((outcome) =>
          outcome.type === 'absent' ? { type: 'deleted' as const } : outcome,
        ),
    }),
    check: "submit() does not say 'deleted' of somebody whom the vendor did not know",
    advice: /reports 'deleted' of somebody whom the vendor does not know/,
  },
  {
    mistake: 'takes a target of another type for one of its own',
    spoil: (connector) => ({
      ...connector,
      submit: (targets, options) =>
        connector.submit(
          targets.map(({ value }) => ({ type: 'id', value })),
          options,
        ),
    }),
    check: 'makes nothing of a target of another type, and asks nobody about it',
    advice: /reports 'accepted' of a target whose type it does not have/,
  },
  {
    mistake: 'asks about whatever receipt it is given',
    spoil: (connector) => ({
      ...connector,
      check: async (receipt, ...rest) => (await connector.check?.({ job: `${receipt.job}` }, ...rest)) ?? [],
    }),
    check: 'a receipt of another connector is refused before any call',
    advice: /check\(\) calls the vendor with a receipt that is not one of this connector/,
  },
  {
    mistake: 'cancels although it was given up',
    spoil: (connector) => ({
      ...connector,
      cancel: async (receipt, targets) => (await connector.cancel?.(receipt, targets)) ?? { type: 'not-ours' },
    }),
    check: 'cancel() with a signal that has been given up already',
    advice: /cancel\(\) calls the vendor although its signal is aborted/,
  },
  {
    mistake: 'looks for a lost submission although it was given up',
    spoil: (connector) => ({ ...connector, recover: async (targets, since) => connector.recover?.(targets, since) }),
    check: 'recover() with a signal that has been given up already',
    advice: /recover\(\) calls the vendor although its signal is aborted/,
  },
  {
    mistake: 'prints whom it deletes',
    spoil: (connector) => ({
      ...connector,
      submit(targets, options) {
        printer.log(targets);
        return connector.submit(targets, options);
      },
    }),
    check: 'prints nothing, and reads nothing from the environment',
    advice: /writes something \(console.log\)/,
  },
  {
    mistake: 'prints what failed',
    spoil: (connector) => ({
      ...connector,
      submit: (targets, options) =>
        connector.submit(targets, options).catch((error: unknown) => {
          process.stderr.write(`${error}\n`);
          throw error;
        }),
    }),
    check: 'prints nothing, and reads nothing from the environment',
    advice: /writes something \(process.stderr\)/,
  },
  {
    mistake: 'reads the environment',
    spoil: (connector) => ({
      ...connector,
      checkAccess: (options) =>
        process.env.REFERENCE_REGION === 'eu' ? connector.checkAccess() : connector.checkAccess(options),
    }),
    check: 'prints nothing, and reads nothing from the environment',
    advice: /reads process.env.REFERENCE_REGION at .*mistakes-about-answers/,
  },
];
