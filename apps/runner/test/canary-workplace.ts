import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { allSecrets, canaries, canaryPerson, heldPerson } from './canaries.ts';
import { type CommandEnd, openWorkplace, type RunningProcess, type StartOptions } from './expunge-process.ts';
import { filesBelow, findLeaks, type Place } from './find-leaks.ts';
import { sandboxConfig } from './sandbox-config.ts';
import { keepWhatIsPrinted } from './what-this-process-prints.ts';

/** A workplace in which nothing that is written or printed is overlooked. */
export interface CanaryWorkplace {
  readonly folder: string;
  /** Where the command keeps what is temporary. */
  readonly temporaryFolder: string;
  /** Puts a file there that may hold canaries: a list of people, a configuration. */
  writeInput(name: string, content: string): void;
  /** Starts the command as a process of its own. */
  start(commandArguments: readonly string[], options?: StartOptions): RunningProcess;
  /** Runs the command to its end, in this process. */
  run(commandArguments: readonly string[], options?: StartOptions): Promise<CommandEnd>;
  /** What was printed so far. */
  printed(): readonly Place[];
  /** Every canary in what was printed so far, and in every file but the inputs: which, where, in which form. */
  leaks(): string[];
  /** Ends what is left and removes the folder. */
  close(): Promise<void>;
}

/** Makes one. One at a time: what this process prints, and puts into its folder for temporary files, is that one's. */
export function openCanaryWorkplace(): CanaryWorkplace {
  const workplace = openWorkplace();
  const temporaryFolder = join(workplace.folder, 'temporary');
  mkdirSync(temporaryFolder);
  const surroundingFolder = process.env.TMPDIR;
  process.env.TMPDIR = temporaryFolder;
  const inputs = new Set<string>();
  const printed: Place[] = [];
  const nameOf = (commandArguments: readonly string[]) => `expunge ${commandArguments.slice(0, 2).join(' ')}`;
  const kept = <End extends CommandEnd>(commandArguments: readonly string[], end: End): End => {
    const name = nameOf(commandArguments);
    printed.push(
      { name: `${name}: output`, bytes: Buffer.from(end.output) },
      { name: `${name}: messages`, bytes: Buffer.from(end.messages) },
    );
    return end;
  };
  const withSecrets = (options: StartOptions = {}) => ({
    ...options,
    environment: { TMPDIR: temporaryFolder, ...allSecrets, ...options.environment },
  });
  return {
    folder: workplace.folder,
    temporaryFolder,
    writeInput(name, content) {
      inputs.add(name);
      workplace.write(name, content);
    },
    start(commandArguments, options) {
      const running = workplace.start(commandArguments, withSecrets(options));
      return { ...running, ended: running.ended.then((end) => kept(commandArguments, end)) };
    },
    async run(commandArguments, options) {
      const endKeeping = keepWhatIsPrinted((stream, bytes) =>
        printed.push({ name: `${nameOf(commandArguments)}: ${stream}`, bytes }),
      );
      try {
        return kept(commandArguments, await workplace.run(commandArguments, withSecrets(options)));
      } finally {
        endKeeping();
      }
    },
    printed: () => printed,
    leaks: () => {
      const files = [...filesBelow(workplace.folder)].filter(({ name }) => !inputs.has(name));
      return findLeaks(canaries, [...printed, ...files]).map(
        ({ canary, form, place }) => `${canary} in ${place} (${form})`,
      );
    },
    async close() {
      if (surroundingFolder === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = surroundingFolder;
      await workplace.close();
    },
  };
}

/** A configuration with every deletion there is, each of them read back where it can be. */
export function everywhereConfig(sandbox: Sandbox, top: object = {}): string {
  const document: { connectors: Record<string, { options: object; identifiers?: object }> } = JSON.parse(
    sandboxConfig(sandbox, ['mixpanel-profile', 'mixpanel-gdpr', 'clevertap', 'altcraft', 'segment-regulation'], {
      top: { retry: { baseMs: 1, maxMs: 5, maxAttempts: 2 }, ...top },
      connectors: {
        clevertap: { verify: 'before-and-after' },
        altcraft: { verify: 'before-and-after' },
        'mixpanel-profile': { verify: 'before-and-after' },
      },
    }),
  );
  const { connectors } = document;
  Object.assign(connectors['mixpanel-profile']?.options ?? {}, {
    projectId: 4700001,
    serviceAccount: { username: 'sandbox-service-account', secret: { env: 'MIXPANEL_SECRET' } },
    timing: { readBackAfterMs: 0 },
  });
  for (const connector of Object.values(connectors)) Object.assign(connector.options, { timeoutMs: 300_000 });
  // The odd one is an identifier too.
  Object.assign(connectors.clevertap ?? {}, { identifiers: { identity: ['user_id', 'crm_id'] } });
  const identifier = {
    package: '@expunge/connector-segment',
    options: {
      api: 'identifier',
      baseUrl: sandbox.segment.url,
      token: { env: 'SEGMENT_SPACE_TOKEN' },
      spaceId: 'sandbox-space',
      identifierTypes: ['email', 'phone'],
      timeoutMs: 300_000,
    },
  };
  const opendsr = {
    package: '@expunge/connector-opendsr',
    options: {
      baseUrl: sandbox.opendsr.baseUrl,
      auth: { type: 'bearer', token: { env: 'OPENDSR_TOKEN' } },
      requestIdSecret: { env: 'OPENDSR_REQUEST_ID_SECRET' },
      regulation: 'gdpr',
      identities: { controller_customer_id: 'raw', email: 'sha256' },
      signatures: 'off',
      polling: { firstCheckAfterMs: 0, checkEveryMs: 100 },
      limits: { callsPerMinute: 6000 },
      timeoutMs: 300_000,
    },
    identifiers: { controller_customer_id: ['user_id', 'crm_id'] },
  };
  const braze = {
    package: '@expunge/connector-braze',
    options: {
      baseUrl: sandbox.braze.url,
      restEndpoint: 'https://rest.fra-01.braze.eu',
      apiKey: { env: 'BRAZE_API_KEY' },
      readBackAfterMs: 0,
      timeoutMs: 300_000,
    },
    verify: 'before-and-after',
  };
  return JSON.stringify({
    ...document,
    connectors: { ...connectors, 'segment-identifier': identifier, opendsr, braze },
  });
}

/** The list with the canary person on it. */
export function canaryList(requestId = 'R-1'): string {
  const cells = (values: readonly string[]) => values.map((value) => `"${value.replaceAll('"', '""')}"`).join(',');
  const person = { request_id: requestId, ...canaryPerson };
  return `${cells(Object.keys(person))}\n${cells(Object.values(person))}\n`;
}

/** Starts vendors that know the canary people and take their time for nothing. */
export async function startCanaryVendors(): Promise<Sandbox> {
  const sandbox = await startSandbox({
    limits: 'off',
    settings: {
      mixpanel: { taskTimes: { stagingAfterMs: 0, startedAfterMs: 0, successAfterMs: 0 } },
      clevertap: { deletionDelayMs: 0 },
      segment: { beginsAfterMs: 0, finishesAfterMs: 0 },
      opendsr: { beginsAfterMs: 0, finishesAfterMs: 0 },
      braze: { deletionAfterMs: 0 },
    },
  });
  for (const { user_id: userId, email } of [canaryPerson, heldPerson]) {
    sandbox.mixpanel.seed([userId]);
    sandbox.clevertap.seed([userId]);
    sandbox.altcraft.seed([email]);
    sandbox.braze.seed([userId]);
    sandbox.segment.seed([{ userId, externalIds: [`email:${email}`] }]);
    sandbox.opendsr.seed([{ controller_customer_id: userId, email }]);
  }
  sandbox.clevertap.seed([canaryPerson.crm_id]);
  return sandbox;
}

/** Lends a test a workplace of its own. */
export function inCanaryWorkplace<Given extends readonly unknown[]>(
  work: (workplace: CanaryWorkplace, ...given: Given) => Promise<void>,
): (...given: Given) => Promise<void> {
  return async (...given) => {
    const workplace = openCanaryWorkplace();
    try {
      await work(workplace, ...given);
    } finally {
      await workplace.close();
    }
  };
}
