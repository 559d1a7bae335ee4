import { type StarterStorage, storageStarters } from './starter-storage.ts';

/** One deletion that `expunge init` can write down. */
export interface Starter {
  /** What it is called on the command line. */
  readonly name: string;
  /** Its vendor: `expunge init segment` writes all of a vendor's. */
  readonly vendor: string;
  /** The package to install. */
  readonly package: string;
  /** The environment variables it refers to. */
  readonly environment: readonly string[];
  /** Its entry under `connectors:`, in YAML. */
  readonly yaml: string;
}

/** Every deletion of the connectors that come with Expunge. */
export const starters: readonly Starter[] = [
  {
    name: 'mixpanel-profile',
    vendor: 'mixpanel',
    package: '@expunge/connector-mixpanel',
    environment: ['MIXPANEL_PROJECT_TOKEN'],
    yaml: `  # Mixpanel, profile: deletes the profile at once. The person's events stay; mixpanel-gdpr deletes those too.
  mixpanel-profile:
    package: "@expunge/connector-mixpanel"
    options:
      api: profile
      region: eu                                # us, eu or in: where the project's data is stored
      projectToken: { env: MIXPANEL_PROJECT_TOKEN }
      # With a service account the profile can be read back:
      # projectId: 1234567
      # serviceAccount: { username: { env: MIXPANEL_USERNAME }, secret: { env: MIXPANEL_SECRET } }
    identifiers: { distinct_id: [user_id] }     # Mixpanel's name <- your identifier types
    # verify: before-and-after                  # off, after or before-and-after
`,
  },
  {
    name: 'mixpanel-gdpr',
    vendor: 'mixpanel',
    package: '@expunge/connector-mixpanel',
    environment: ['MIXPANEL_PROJECT_TOKEN', 'MIXPANEL_OAUTH_TOKEN'],
    yaml: `  # Mixpanel, gdpr: a task that deletes profile and events. Mixpanel takes up to 30 days.
  mixpanel-gdpr:
    package: "@expunge/connector-mixpanel"
    options:
      api: gdpr
      region: eu                                # us, eu or in: where the project's data is stored
      projectToken: { env: MIXPANEL_PROJECT_TOKEN }
      oauthToken: { env: MIXPANEL_OAUTH_TOKEN } # of a project owner; lives one year
      # tokenExpiresAt: 2027-06-30T00:00:00Z    # to be warned in time
      compliance: GDPR                          # GDPR or CCPA
      # groupKeys: 0                            # group keys of the project; decides how many people fit into a task
    identifiers: { distinct_id: [user_id] }     # Mixpanel's name <- your identifier types
`,
  },
  {
    name: 'clevertap',
    vendor: 'clevertap',
    package: '@expunge/connector-clevertap',
    environment: ['CLEVERTAP_ACCOUNT_ID', 'CLEVERTAP_PASSCODE'],
    yaml: `  # CleverTap: deletes the profile within about a day. CleverTap gives no receipt; a read-back tells.
  clevertap:
    package: "@expunge/connector-clevertap"
    options:
      region: eu                                # in, sg, us, id, uae or eu: as in the dashboard's address
      accountId: { env: CLEVERTAP_ACCOUNT_ID }
      passcode: { env: CLEVERTAP_PASSCODE }
    identifiers:
      identity: [user_id]                       # CleverTap's names <- your identifier types
      # guid: [clevertap_id]
    # verify: before-and-after                  # off, after or before-and-after
`,
  },
  {
    name: 'altcraft',
    vendor: 'altcraft',
    package: '@expunge/connector-altcraft',
    environment: ['ALTCRAFT_TOKEN'],
    yaml: `  # Altcraft: looks the profile up and deletes it by its own id.
  altcraft:
    package: "@expunge/connector-altcraft"
    options:
      host: your-company.altcraft.example       # as in the panel's address
      token: { env: ALTCRAFT_TOKEN }
      databaseId: 1                             # the database whose profiles are deleted
      matching: [email]                         # email, phone, profile_id
      # absentCodes: [404]                      # how your Altcraft says "no such profile": "expunge check" prints this line
    identifiers: { email: [email] }             # Altcraft's name <- your identifier types
    # verify: before-and-after                  # off, after or before-and-after
`,
  },
  {
    name: 'segment-regulation',
    vendor: 'segment',
    package: '@expunge/connector-segment',
    environment: ['SEGMENT_PUBLIC_API_TOKEN'],
    yaml: `  # Segment, regulation: deletes the person inside Segment. Segment takes up to 30 days.
  segment-regulation:
    package: "@expunge/connector-segment"
    options:
      api: regulation
      region: eu                                # us or eu: where the workspace lives
      token: { env: SEGMENT_PUBLIC_API_TOKEN }  # of a workspace owner
      # SUPPRESS_WITH_DELETE and DELETE_ONLY are also forwarded to destinations, which may charge for it.
      regulationType: SUPPRESS_WITH_DELETE_INTERNAL
    identifiers: { userId: [user_id] }          # Segment's name <- your identifier types
`,
  },
  {
    name: 'segment-identifier',
    vendor: 'segment',
    package: '@expunge/connector-segment',
    environment: ['SEGMENT_SPACE_TOKEN'],
    yaml: `  # Segment, identifier: detaches single identifiers from a Unify profile. Erases nobody.
  segment-identifier:
    package: "@expunge/connector-segment"
    options:
      api: identifier
      region: eu                                # us or eu: where the space lives
      token: { env: SEGMENT_SPACE_TOKEN }       # from Unify settings > API access
      spaceId: your_space_id                    # from the same page
      identifierTypes: [email]                  # which identifiers are detached
`,
  },
  {
    name: 'opendsr',
    vendor: 'opendsr',
    package: '@expunge/connector-opendsr',
    environment: ['OPENDSR_TOKEN', 'OPENDSR_REQUEST_ID_SECRET'],
    yaml: `  # OpenDSR: an erasure request at a processor that speaks the protocol, such as mParticle, AppsFlyer or Singular.
  opendsr:
    package: "@expunge/connector-opendsr"
    options:
      baseUrl: https://opendsr.processor.example/v2  # up to and with the version
      auth: { type: bearer, token: { env: OPENDSR_TOKEN } }  # bearer, basic, header or none
      requestIdSecret: { env: OPENDSR_REQUEST_ID_SECRET }  # long and random; keep it when the token changes
      regulation: gdpr                          # gdpr or ccpa
      identities:                               # what the processor is told: raw, sha1, md5 or sha256
        controller_customer_id: raw
        email: raw
      # dialect: opengdpr                       # or appsflyer
      # signatures: off                         # only where the processor does not sign its replies
      # certificateHosts: [static.processor.example]  # where its certificate is on another host
    identifiers: { controller_customer_id: [user_id], email: [email] }  # OpenDSR's names <- your identifier types
`,
  },
  {
    name: 'braze',
    vendor: 'braze',
    package: '@expunge/connector-braze',
    environment: ['BRAZE_API_KEY'],
    yaml: `  # Braze: queues the deletion of the profile with its history, done within five minutes. One kind of identifier.
  braze:
    package: "@expunge/connector-braze"
    options:
      apiKey: { env: BRAZE_API_KEY }            # permissions: users.delete, and users.export.ids for reading
      restEndpoint: https://rest.fra-01.braze.eu # your instance's, as the dashboard shows it beside the key
      # identifier: user_alias                  # or braze_id; left out: external_id
      # aliasLabel: crm_id                      # with user_alias
    identifiers: { external_id: [user_id] }     # Braze's name <- your identifier types
    verify: before-and-after
`,
  },
  {
    name: 'http',
    vendor: 'http',
    package: '@expunge/connector-http',
    environment: ['VENDOR_TOKEN'],
    yaml: `  # Any other vendor with an HTTP API, without code: what is called, and what each answer means. Everything here is
  # an example. The guide with every key is docs/declarative-connector.md in Expunge's repository.
  http:
    package: "@expunge/connector-http"
    options:
      vendor: acme
      operation: user
      title: Acme user deletion
      reach: person                             # person, profile, identifier or nothing
      erases: [The user with its history.]      # printed in reports, like what it leaves
      leaves: [Backups.]
      hosts: [api.acme.example]                 # calls go nowhere else
      auth: { type: bearer, token: { env: VENDOR_TOKEN } }
      identifiers: [{ type: user, from: [user_id] }]
      completion: { type: immediate }           # or polled, elapsed, unknowable: then "accepted" instead of "deleted"
      repeat: harmless                          # or costly: deleting the same person twice
      submit:
        request: { method: DELETE, path: "/v1/users/{id}" }
        replies:                                # the first that fits decides; what fits none is never a success
          - { status: 200, body: [{ at: /deleted, equals: true }], means: deleted }
          - { status: 404, body: [{ at: /error/code, equals: user_not_found }], means: absent }
    identifiers: { user: [user_id] }            # the vendor's name <- your identifier types
`,
  },
];

/** The vendors that have any. */
export const starterVendors: readonly string[] = [...new Set(starters.map(({ vendor }) => vendor))];

/** The deletions that a name on the command line means: one, all of a vendor's, or none. */
export function startersFor(name: string): readonly Starter[] {
  return starters.filter((starter) => starter.name === name || starter.vendor === name);
}

/** A commented configuration with these deletions. */
export function starterConfig(chosen: readonly Starter[], storage: StarterStorage = 'sqlite'): string {
  return `# yaml-language-server: $schema=./node_modules/@expunge/runner/expunge.schema.json
# Expunge: which accounts people are deleted from. Nothing here is a secret: secrets are references,
# { env: NAME } to an environment variable or { file: PATH } to a file.

${storageStarters[storage].yaml}
law: gdpr                     # gdpr, ccpa or other: for requests that name no law themselves

# input:
#   ignoreColumns: [name]     # columns of your lists that are no identifiers; other unknown columns are refused

guard:
  maxSubjects: 1000           # a run for more people asks first, or needs --confirm <number>

connectors:
${chosen.map(({ yaml }) => yaml).join('\n')}`;
}
