import { asRecord, type VendorReply, type VendorRequest } from './kit/vendor-exchange.ts';
import type { VendorMemory } from './kit/vendor-memory.ts';
import { createVendorServer, type VendorServer } from './kit/vendor-server.ts';
import { type OpenDsrIdentity, OpenDsrPeople, type OpenDsrPerson, parseOpenDsrPerson } from './opendsr-people.ts';
import { type OpenDsrRequest, OpenDsrRequests } from './opendsr-requests.ts';
import { defaultOpenDsrSettings, type OpenDsrSettings, openDsrSandboxCredentials } from './opendsr-settings.ts';
import { type SignedBody, signBody } from './opendsr-signing.ts';
import type { VendorOptions } from './vendor-options.ts';

/** A callback that the processor would post now. The sandbox calls nobody: whoever tests delivers it. */
export interface OpenDsrCallbackPost extends SignedBody {
  readonly url: string;
}

/** A fake OpenDSR processor, and the questions a test asks its memory. */
export interface OpenDsrSandbox extends VendorServer, VendorMemory {
  /** Where the protocol begins: `url` with the major version. */
  readonly baseUrl: string;
  /** The same with version 3, whose identities are an object by type, as mParticle has it. */
  readonly baseUrlV3: string;
  readonly credentials: typeof openDsrSandboxCredentials;
  readonly settings: OpenDsrSettings;
  seed(people: readonly (string | OpenDsrPerson)[] | readonly unknown[]): number;
  /** Whether somebody with this identity is known. */
  has(identityType: string, value: string): boolean;
  /** Every request ever taken, oldest first. */
  subjectRequests(): readonly OpenDsrRequest[];
  /** The callbacks since the last look. */
  takeCallbacks(): readonly OpenDsrCallbackPost[];
}

export interface OpenDsrSandboxOptions extends VendorOptions {
  /** What differs from the default settings. */
  settings?: Partial<OpenDsrSettings>;
}

const controllerId = 'sandbox-controller';
const strangersRequest = '11111111-1111-4111-8111-111111111111';
const uuidV4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Starts a fake OpenDSR processor (docs/vendors/opendsr.md). */
export async function startOpenDsrSandbox(options: OpenDsrSandboxOptions): Promise<OpenDsrSandbox> {
  const { clock } = options;
  const settings: OpenDsrSettings = { ...defaultOpenDsrSettings(), ...options.settings };
  const people = new OpenDsrPeople();
  const callbacks: OpenDsrCallbackPost[] = [];
  const requests = new OpenDsrRequests(settings, people, clock, (request) => {
    for (const url of request.callbackUrls) {
      callbacks.push({ url, ...signBody(settings, { ...statusOf(request), status_callback_url: url }) });
    }
  });
  const timeOf = (at: number) => new Date(at).toISOString();

  function statusOf(request: OpenDsrRequest): Record<string, unknown> {
    return {
      controller_id: controllerId,
      expected_completion_time: timeOf(request.receivedAt + settings.finishesAfterMs),
      subject_request_id: settings.forgery === 'request-foreign' ? strangersRequest : request.id,
      request_status: settings.statusWord ?? request.status,
      ...(settings.forwards.length > 0 && {
        extensions: settings.forwards.map((each) => ({ ...each, name: each.domain })),
      }),
    };
  }

  function signed(status: number, value: object, act?: () => void): VendorReply {
    const { headers, body } = signBody(settings, value);
    return { status, headers: { 'content-type': 'application/json', ...headers }, body, ...(act ? { act } : {}) };
  }

  function refuse(status: number, message: string): VendorReply {
    const body = { error: { code: status, message, errors: [{ domain: 'Validation', reason: 'Refused', message }] } };
    return settings.signsRefusals ? signed(status, body) : { status, body };
  }

  function discover(): VendorReply {
    return {
      status: 200,
      body: {
        api_version: settings.apiVersion,
        supported_identities: settings.supportedIdentities,
        supported_subject_request_types: settings.supportedRequestTypes,
        ...(settings.signing && { processor_certificate: settings.certificateUrl ?? `${server.url}/certificate.pem` }),
      },
    };
  }

  function create(request: VendorRequest): VendorReply {
    const parsed = parseRequest(request, settings);
    if (typeof parsed === 'string') return refuse(400, parsed);
    if (requests.find(parsed.id) !== undefined) return refuse(400, 'Subject request already exists.');
    if (settings.sameIdentities === 'refuse-409' && requests.hasOpen(parsed.identities)) {
      return refuse(409, 'There is an open request for the same identities.');
    }
    const taken = { ...parsed, body: request.body, receivedAt: clock.now() };
    const echo =
      settings.forgery === 'echo-foreign'
        ? { subject_identities: [{ identity_type: 'email', identity_value: 'x@example.test', identity_format: 'raw' }] }
        : request.body;
    const echoText = typeof echo === 'string' ? echo : JSON.stringify(echo);
    const answer = {
      controller_id: controllerId,
      expected_completion_time: timeOf(taken.receivedAt + settings.finishesAfterMs),
      received_time: timeOf(taken.receivedAt),
      encoded_request: Buffer.from(settings.forgery === 'echo-unreadable' ? 'sealed' : echoText).toString('base64'),
      subject_request_id: settings.forgery === 'request-foreign' ? strangersRequest : parsed.id,
    };
    return signed(201, answer, () => requests.add(taken));
  }

  function ask(id: string): VendorReply {
    const request = requests.find(id);
    return request === undefined ? unknownRequest() : signed(200, statusOf(request));
  }

  function cancel(id: string): VendorReply {
    const request = requests.find(id);
    if (request === undefined) return unknownRequest();
    if (request.status !== 'pending') return refuse(400, 'The request is no longer pending.');
    const answer = {
      controller_id: controllerId,
      received_time: timeOf(clock.now()),
      subject_request_id: settings.forgery === 'request-foreign' ? strangersRequest : id,
    };
    return signed(202, answer, () => {
      if (settings.cancels) requests.cancel(id);
    });
  }

  const unknownRequest = () => refuse(settings.unknownRequestStatus, 'The subject request could not be found.');

  function handle(request: VendorRequest): VendorReply {
    const { method, path } = request;
    if (method === 'GET' && path === '/certificate.pem' && settings.signing !== undefined) {
      return { status: 200, body: settings.signing.certificates };
    }
    // The discovery is for everybody, and the former name of the routes is honoured.
    const [, route = '', id] = /^\/v[123]\/(discovery|requests|opengdpr_requests)(?:\/([^/]+))?$/.exec(path) ?? [];
    if (method === 'GET' && route === 'discovery' && id === undefined) return discover();
    if (request.headers.authorization !== `Bearer ${openDsrSandboxCredentials.token}`) {
      return refuse(401, 'The credentials are not valid.');
    }
    if (route.endsWith('requests')) {
      if (method === 'POST' && id === undefined) return create(request);
      if (method === 'GET' && id !== undefined) return ask(id);
      if (method === 'DELETE' && id !== undefined) return cancel(id);
    }
    return { status: 404, body: 'Not Found' };
  }

  const memory: VendorMemory = {
    seed(list) {
      requests.runDue();
      for (const person of list.map(parseOpenDsrPerson)) people.add(person);
      return list.length;
    },
    lookup(ids) {
      requests.runDue();
      return ids.map((id) => {
        const isKnown = people.has('controller_customer_id', id);
        return { id, hasProfile: isKnown, hasEvents: isKnown };
      });
    },
    count() {
      requests.runDue();
      return { profiles: people.size, requests: requests.all().length };
    },
  };

  const server = await createVendorServer({ ...options, name: 'OpenDSR', handle, memory, routeOf });
  return {
    ...server,
    ...memory,
    baseUrl: `${server.url}/v2`,
    baseUrlV3: `${server.url}/v3`,
    credentials: openDsrSandboxCredentials,
    settings,
    has(identityType, value) {
      requests.runDue();
      return people.has(identityType, value);
    },
    subjectRequests: () => requests.all(),
    takeCallbacks() {
      requests.runDue();
      return callbacks.splice(0);
    },
  };
}

function routeOf(path: string): string {
  return path.replace(/(requests\/)[^/]+$/, '$1{id}');
}

type ParsedRequest = Pick<OpenDsrRequest, 'id' | 'type' | 'identities' | 'callbackUrls'>;

/** The documented fields of a new request, or what is wrong with them. */
function parseRequest(request: VendorRequest, settings: OpenDsrSettings): ParsedRequest | string {
  const body = asRecord(request.json());
  if (body === undefined) return 'The body is not valid JSON.';
  const { subject_request_id: id, subject_request_type: type, submitted_time: time, regulation } = body;
  if (typeof id !== 'string' || !uuidV4.test(id)) return 'subject_request_id field is required: a lower-case UUID v4.';
  if (typeof type !== 'string' || !settings.supportedRequestTypes.includes(type)) {
    return 'subject_request_type field is required.';
  }
  if (typeof time !== 'string' || !/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(time))
    return 'submitted_time is required.';
  const isFormerVersion = request.path.includes('opengdpr_requests');
  if (!isFormerVersion && regulation !== 'gdpr' && regulation !== 'ccpa') return 'regulation field is required.';
  const isByType = request.path.startsWith('/v3/');
  const identities = parseIdentities(isByType ? listOf(body.subject_identities) : body.subject_identities, settings);
  if (typeof identities === 'string') return identities;
  const urls = body.status_callback_urls ?? [];
  if (!Array.isArray(urls) || !urls.every((url) => typeof url === 'string')) return 'status_callback_urls is a list.';
  return { id, type, identities, callbackUrls: urls };
}

/** mParticle's version 3 writes identities as an object by type. Undefined where it is none. */
function listOf(value: unknown): object[] | undefined {
  const byType = Array.isArray(value) ? undefined : asRecord(value);
  if (byType === undefined) return undefined;
  return Object.entries(byType).map(([identity_type, identity]) => {
    const { value: identity_value, encoding: identity_format } = asRecord(identity) ?? {};
    return { identity_type, identity_value, identity_format };
  });
}

function parseIdentities(value: unknown, settings: OpenDsrSettings): OpenDsrIdentity[] | string {
  if (!Array.isArray(value) || value.length === 0) return 'subject_identities field is required.';
  const identities: OpenDsrIdentity[] = [];
  for (const each of value.map(asRecord)) {
    const { identity_type, identity_value, identity_format } = each ?? {};
    if (
      typeof identity_type !== 'string' ||
      typeof identity_format !== 'string' ||
      typeof identity_value !== 'string'
    ) {
      return 'An identity has identity_type, identity_value and identity_format.';
    }
    const isSupported = settings.supportedIdentities.some(
      (known) => known.identity_type === identity_type && known.identity_format === identity_format,
    );
    if (!isSupported || identity_value === '') return 'An identity is not supported.';
    identities.push({ identity_type, identity_value, identity_format });
  }
  return identities;
}
