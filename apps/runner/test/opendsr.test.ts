import { createRealClock, openDsrSandboxCredentials, type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { makeProcessorCertificate } from './processor-certificate.ts';

const domain = 'opendsr.sandbox.test';
const { authority, signing } = await makeProcessorCertificate(domain);
const environment = {
  OPENDSR_TOKEN: openDsrSandboxCredentials.token,
  OPENDSR_REQUEST_ID_SECRET: 'request-id-secret-of-the-test',
};

let sandbox: Sandbox<'opendsr'>;
let workplace: Workplace;
beforeEach(async () => {
  sandbox = await startSandbox({
    vendors: ['opendsr'],
    clock: createRealClock(),
    settings: { opendsr: { signing, beginsAfterMs: 0, finishesAfterMs: 0 } },
  });
  sandbox.opendsr.seed(
    ['ada', 'bob', 'stayer'].map((id) => ({ controller_customer_id: id, email: `${id}@example.com` })),
  );
  workplace = openWorkplace();
  workplace.write('authority.pem', authority);
  workplace.write('people.csv', 'request_id,user_id,email\nR-ada,ada,ada@example.com\nR-bob,,bob@example.com\n');
  workplace.write(
    'expunge.config.yaml',
    `ledger: { sqlite: ./expunge.db }
retry: { baseMs: 50, maxMs: 60000 }
connectors:
  processor:
    package: "@expunge/connector-opendsr"
    options:
      baseUrl: ${sandbox.opendsr.baseUrl}
      auth: { type: bearer, token: { env: OPENDSR_TOKEN } }
      requestIdSecret: { env: OPENDSR_REQUEST_ID_SECRET }
      regulation: gdpr
      identities: { controller_customer_id: raw, email: sha256 }
      processorDomains: [${domain}]
      ca: { file: ./authority.pem }
      polling: { firstCheckAfterMs: 100, checkEveryMs: 100 }
      limits: { callsPerMinute: 6000, callsInFlight: 1 }
`,
  );
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

const run = (...commandArguments: string[]) => workplace.run(commandArguments, { environment });
const known = () => ['ada', 'bob', 'stayer'].filter((id) => sandbox.opendsr.has('email', `${id}@example.com`));

describe('an OpenDSR processor in the configuration', () => {
  it('is checked, and deletes those who are on the list and nobody else', async () => {
    const check = await run('check');
    expect([check.code, check.messages]).toEqual([0, expect.not.stringContaining('error')]);
    const { code } = await run('delete', 'people.csv', '--wait', '20s');
    expect(code).toBe(0);
    expect(known()).toEqual(['stayer']);
    const requests = sandbox.opendsr.subjectRequests();
    expect(requests.map(({ identities }) => identities.length).sort()).toEqual([1, 2]);
    const status = JSON.parse((await run('status', '--json')).output);
    expect(JSON.stringify(status)).toContain('confirmed');
    // Nothing twice.
    expect((await run('delete', 'people.csv', '--wait', '0s')).code).toBe(0);
    expect(sandbox.opendsr.subjectRequests()).toHaveLength(2);
  });

  it('is paused where a reply is forged: nobody is called deleted, and nobody else is sent', async () => {
    sandbox.opendsr.settings.forgery = 'signature-wrong';
    const { code, messages } = await run('delete', 'people.csv', '--wait', '0s');
    expect(code).toBe(4);
    expect(messages).toContain("not proven to be the processor's");
    expect(sandbox.opendsr.subjectRequests()).toHaveLength(1);
    expect(messages).not.toMatch(/example\.com|sandbox-opendsr-token/);
    const { output } = await run('status', '--json');
    expect(output).not.toMatch(/"(deleted|absent|accepted)": [1-9]/);
    sandbox.opendsr.settings.forgery = 'nothing';
    await run('resume', '--resend', '--wait', '20s');
    expect(known()).toEqual(['stayer']);
  });

  it('finds a request whose reply was lost, and makes no second one', async () => {
    sandbox.opendsr.faults.add({ fault: { type: 'reset-after' }, method: 'POST', times: 2 });
    expect((await run('delete', 'people.csv', '--wait', '25s')).code).toBe(0);
    expect(known()).toEqual(['stayer']);
    expect(sandbox.opendsr.subjectRequests()).toHaveLength(2);
  });
});
