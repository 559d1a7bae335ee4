import { createPrivateKey } from 'node:crypto';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Authority, certifyClient, certifyServer, makeAuthority } from './certificates.ts';
import { type ForwardProxy, type Running, startGateway, startProxy } from './company-network.ts';
import { openWorkplace, type ProcessEnd, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

// A vendor that only a client with a certificate reaches, behind a proxy that wants a password: both real, on loopback.

const password = 'p%40ssword-of-the-proxy';

let authority: Authority;
let sandbox: Sandbox<'clevertap'>;
let gateway: Running;
let proxy: ForwardProxy;
let workplace: Workplace;

beforeAll(async () => {
  authority = await makeAuthority();
});
beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['clevertap'], limits: 'off' });
  sandbox.clevertap.seed(['ada-1', 'ada-11', 'bob-2']);
  gateway = await startGateway(
    sandbox.clevertap.port,
    await certifyServer(['vendor.test', 'localhost'], authority),
    authority,
  );
  proxy = await startProxy('company', decodeURIComponent(password));
  workplace = openWorkplace();
  const client = await certifyClient(authority);
  const stranger = await certifyClient(await makeAuthority());
  workplace.write('authority.pem', authority.cert);
  workplace.write('client.pem', client.cert);
  workplace.write('client.key', client.key);
  workplace.write('stranger.pem', stranger.cert);
  workplace.write('stranger.key', stranger.key);
});
afterEach(async () => {
  await workplace.close();
  await proxy.close();
  await gateway.close();
  await sandbox.close();
});

const clientCertificate = { certificate: { file: './client.pem' }, key: { file: './client.key' } };

function proxyAddress(secret = password): string {
  return `http://company:${secret}@127.0.0.1:${proxy.port}`;
}

function configure(network: object | undefined, host = 'vendor.test'): void {
  const urls = { clevertap: { url: `https://${host}:${gateway.port}` } };
  const extra = network === undefined ? {} : { connectors: { clevertap: { network } } };
  workplace.write('expunge.config.json', sandboxConfig(urls, ['clevertap'], extra));
}

/** As a process: Node reads which authorities it trusts when it starts. */
function expunge(command: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<ProcessEnd> {
  return workplace.start(command, {
    environment: { NODE_EXTRA_CA_CERTS: `${workplace.folder}/authority.pem`, ...environment },
  }).ended;
}

const deleteAda = ['delete', '--subject', 'user_id=ada-1', '--wait', '0s'];

function queued(): string[] {
  return ['ada-1', 'ada-11', 'bob-2'].filter((id) => sandbox.clevertap.isQueued(id));
}

function expectNoSecret({ output, messages }: ProcessEnd): void {
  const said = output + messages;
  for (const secret of [password, decodeURIComponent(password), 'PRIVATE KEY']) expect(said).not.toContain(secret);
}

describe('network', () => {
  it('leads through the proxy of the configuration, with a client certificate', async () => {
    configure({ proxy: { env: 'COMPANY_PROXY' }, clientCertificate });
    const environment = { COMPANY_PROXY: proxyAddress() };
    expect(await expunge(['check'], environment)).toMatchObject({ code: 0 });
    const end = await expunge(deleteAda, environment);
    expect(end, end.messages).toMatchObject({ code: 0 });
    expect(queued()).toEqual(['ada-1']);
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT vendor.test:${gateway.port}`]));
    expectNoSecret(end);
  });

  it('leads through the proxy of the environment where the configuration names none', async () => {
    configure({ clientCertificate });
    const end = await expunge(deleteAda, { HTTPS_PROXY: proxyAddress() });
    expect(end, end.messages).toMatchObject({ code: 0 });
    expect(queued()).toEqual(['ada-1']);
    expect(proxy.asked).not.toEqual([]);
  });

  it('leads past the proxy of the environment to this machine, and to hosts of NO_PROXY', async () => {
    configure({ clientCertificate }, 'localhost');
    expect(await expunge(deleteAda, { https_proxy: proxyAddress() })).toMatchObject({ code: 0 });
    expect(queued()).toEqual(['ada-1']);
    configure({ clientCertificate });
    // Without the proxy nobody knows this host.
    const end = await expunge(['check'], { https_proxy: proxyAddress(), no_proxy: 'other.test,.vendor.test' });
    expect(end).toMatchObject({ code: 3 });
    expect(proxy.asked).toEqual([]);
  });

  it('shows a client certificate without a proxy, and its key may have a passphrase', async () => {
    const passphrase = 'passphrase-of-the-key';
    const client = await certifyClient(authority);
    workplace.write('encrypted.pem', client.cert);
    const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const;
    workplace.write('encrypted.key', createPrivateKey(client.key).export(cipher));
    const encrypted = { certificate: { file: './encrypted.pem' }, key: { file: './encrypted.key' } };
    configure({ clientCertificate: { ...encrypted, passphrase: { env: 'PASSPHRASE' } } }, 'localhost');
    expect(await expunge(deleteAda, { PASSPHRASE: 'another one' })).toMatchObject({ code: 1 });
    expect(await expunge(deleteAda, { PASSPHRASE: passphrase })).toMatchObject({ code: 0 });
    expect(queued()).toEqual(['ada-1']);
  });

  it.each([
    ['none', undefined],
    ['one of a stranger', { certificate: { file: './stranger.pem' }, key: { file: './stranger.key' } }],
  ])('reaches nobody with no good certificate: %s', async (_name, shown) => {
    configure(shown === undefined ? undefined : { clientCertificate: shown }, 'localhost');
    const end = await expunge(deleteAda);
    expect(end.code).toBe(3);
    expect(queued()).toEqual([]);
    expect(sandbox.clevertap.requests).toHaveLength(0);
  });

  it('pauses the connector where the proxy refuses the password, without saying it', async () => {
    configure({ proxy: { env: 'COMPANY_PROXY' }, clientCertificate });
    const end = await expunge(deleteAda, { COMPANY_PROXY: proxyAddress('wrong-password') });
    expect(end.code).toBe(4);
    expect(end.messages).toContain('The proxy does not accept its credentials (HTTP 407)');
    expect(end.messages).not.toContain('wrong-password');
    expect(queued()).toEqual([]);
  });

  it('trusts no server that its authorities do not know, also behind a proxy', async () => {
    configure({ proxy: { env: 'COMPANY_PROXY' }, clientCertificate });
    const end = await workplace.run(deleteAda, { environment: { COMPANY_PROXY: proxyAddress() } });
    expect(end.code).toBe(3);
    expect(sandbox.clevertap.requests).toHaveLength(0);
  });
});

describe('what is wrong in network', () => {
  it.each<[string, object, Record<string, string>, string]>([
    ['no address', { proxy: 'proxy.example.com' }, {}, 'network.proxy (line 1): must be the address of an HTTP proxy'],
    ['another protocol', { proxy: 'socks5://proxy.example.com' }, {}, 'must be the address of an HTTP proxy'],
    ['a reference to nothing', { proxy: { env: 'NOWHERE' } }, {}, 'the environment variable NOWHERE is not set'],
    ['a missing file', { clientCertificate: { ...clientCertificate, key: { file: './no.key' } } }, {}, './no.key'],
    [
      'a key of another certificate',
      { clientCertificate: { ...clientCertificate, key: { file: './stranger.key' } } },
      {},
      'network.clientCertificate (line 1): certificate and key must be PEM and belong together',
    ],
    [
      'a key in the file itself',
      { clientCertificate: { ...clientCertificate, key: 'canary' } },
      {},
      'clientCertificate.key',
    ],
    ['an unknown key', { prxy: 'http://127.0.0.1:1' }, {}, 'network.prxy'],
    ['no address in the environment', {}, { HTTPS_PROXY: 'canary://canary' }, 'HTTPS_PROXY is no address of a proxy'],
    ['a bare "%" in a password', { proxy: { env: 'P' } }, { P: 'http://u:canary%@127.0.0.1:1' }, '%25'],
  ])('is said of %s, and nothing is sent', async (_name, network, environment, words) => {
    configure(network);
    const end = await workplace.run(deleteAda, { environment });
    expect(end.code).toBe(1);
    expect(end.messages).toContain(words);
    expect(end.output + end.messages).not.toContain('canary');
    expect(sandbox.clevertap.requests).toHaveLength(0);
  });

  it('a password in the file is warned of', async () => {
    configure({ proxy: proxyAddress(), clientCertificate });
    const end = await expunge(deleteAda);
    expect(end).toMatchObject({ code: 0, messages: expect.stringContaining('network.proxy: has a password in it') });
    expectNoSecret(end);
  });

  it('matters to no command that sends nothing', async () => {
    configure({
      proxy: { env: 'NOWHERE' },
      clientCertificate: { certificate: { file: './no' }, key: { file: './no' } },
    });
    const environment = { HTTPS_PROXY: 'nonsense://' };
    expect(await workplace.run(['connectors'], { environment })).toMatchObject({ code: 0 });
  });
});
