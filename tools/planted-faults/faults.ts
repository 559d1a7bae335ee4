/** One small mistake in the sources, and the tests that have to see it. */
export interface PlantedFault {
  /** What goes wrong, in a few words. */
  readonly what: string;
  /** The file it is planted in. */
  readonly file: string;
  /** What stands there now, exactly once. */
  readonly search: string;
  /** What stands there instead. */
  readonly replace: string;
  /** The test files of which at least one has to fail. */
  readonly tests: readonly string[];
  /** Whether the tests start the built command: then the package is built with the fault in it. */
  readonly isBuilt?: true;
}

/**
 * Mistakes that somebody could make in one line, over the whole of what must not go wrong. `tools/plant-faults.ts` plants them
 * one at a time. Whoever changes one of these lines writes the fault anew; whoever changes tests runs them before and after.
 */
export const plantedFaults: readonly PlantedFault[] = [
  // What a task's state may be.
  {
    what: 'absence counts as proof though nobody was seen before',
    file: 'packages/engine/src/tasks/after-claim.ts',
    search: `if (task.readBefore !== 'present') return`,
    replace: 'if (task.readBefore === undefined) return',
    tests: ['packages/engine/test/proof.test.ts', 'packages/engine/test/engine.test.ts'],
  },
  {
    what: 'what the vendor lost is sent again though a repeat may do harm',
    file: 'packages/engine/src/tasks/after-check.ts',
    search: `if (facts.capabilities.repeat === 'harmless' && jobs < maxJobs) {`,
    replace: 'if (jobs < maxJobs) {',
    tests: ['packages/engine/src/tasks/careful-transitions.test.ts'],
  },
  {
    what: 'a read before the deletion that failed counts as presence',
    file: 'packages/engine/src/tasks/transition.ts',
    search: `readBefore: 'unread', unreadReason: error.code`,
    replace: `readBefore: 'present', unreadReason: error.code`,
    tests: ['packages/engine/src/tasks/careful-transitions.test.ts'],
  },
  // Holds and cancellation.
  {
    what: 'a request of somebody on hold that comes in later is not held',
    file: 'packages/engine/src/ledger/store/holds.ts',
    search: 'if (!hasHolds) return;',
    replace: 'if (hasHolds) return;',
    tests: ['packages/engine/test/legal-hold.test.ts'],
  },
  {
    what: 'a call that may have acted is cancelled as if nothing had been sent',
    file: 'packages/engine/src/ledger/store/operator-commands.ts',
    search: `if (isToBeSent && task.effect === 'none') {`,
    replace: 'if (isToBeSent) {',
    tests: ['packages/engine/test/cancel.test.ts'],
  },
  {
    what: 'a job that others are in is cancelled for one of them',
    file: 'packages/engine/src/engine/cancel-request.ts',
    search: 'if (isShared && !isByTarget) continue;',
    replace: '',
    tests: ['packages/engine/test/shared-job.test.ts'],
  },
  // Limits and retries.
  {
    what: 'a call leaves a hundredth of the window too early',
    file: 'packages/engine/src/limits/sliding-window.ts',
    search: 'oldest + rate.perMs;',
    replace: 'oldest + rate.perMs * 0.99;',
    tests: ['packages/engine/src/limits/rate-limiter.test.ts'],
  },
  {
    what: 'the volume of a month is counted from the first of January',
    file: 'packages/engine/src/limits/rate-limiter.ts',
    search: 'return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());',
    replace: 'return Date.UTC(date.getUTCFullYear(), 0);',
    tests: ['packages/engine/src/limits/rate-limiter.test.ts'],
  },
  {
    what: 'a wait that the vendor asked for is not kept',
    file: 'packages/engine/src/worker/backoff.ts',
    search: 'return Math.max(Math.ceil(random * ceiling), retryAfterMs ?? 0);',
    replace: 'return Math.min(Math.ceil(random * ceiling), retryAfterMs ?? ceiling);',
    tests: ['packages/engine/test/retry-and-backoff.test.ts'],
  },
  {
    what: 'one bad target fails everybody in its batch',
    file: 'packages/engine/src/tasks/transition.ts',
    search: `case 'request-rejected':\n      if (part.isAlone)`,
    replace: `case 'request-rejected':\n      if (part.half > 0)`,
    tests: ['packages/engine/test/retry-and-backoff.test.ts', 'packages/engine/test/engine.test.ts'],
  },
  {
    what: 'a call fills up beyond the bytes that the vendor takes',
    file: 'packages/engine/src/worker/form-batch.ts',
    search: 'limit.maxBytes !== undefined && bytes > limit.maxBytes',
    replace: 'limit.maxBytes !== undefined && bytes > 2 * limit.maxBytes',
    tests: ['packages/engine/src/worker/form-batch.test.ts'],
  },
  // What is kept, and what is proven.
  {
    what: 'an audit log that was rewritten behind its anchor is intact',
    file: 'packages/engine/src/proof/audit-chain.ts',
    search: 'if (anchor?.sequence === sequence && anchor.hash !== entry.hash) {',
    replace: 'if (anchor?.sequence === sequence + 1 && anchor.hash !== entry.hash) {',
    tests: ['packages/engine/test/proof.test.ts', 'packages/engine/test/certificate.test.ts'],
  },
  {
    what: 'a certificate of another ledger is taken for one of this key',
    file: 'packages/engine/src/proof/certificate.ts',
    search: 'if (publicKey !== undefined && publicKey.trim() !== certificate.publicKey) {',
    replace: 'if (publicKey === undefined && certificate.publicKey === undefined) {',
    tests: ['packages/engine/test/certificate.test.ts', 'packages/engine/test/proof.test.ts'],
  },
  {
    what: 'an encrypted value can be moved to another place',
    file: 'packages/engine/src/ledger/store/encrypted-pages.ts',
    search: 'if (entry === undefined || !isStoredAlike(entry.boundTo, boundTo)) throw',
    replace: `if (entry === undefined) throw`,
    tests: ['packages/engine/test/swapped-rows.test.ts'],
  },
  {
    what: 'people stay readable whose retention time is over',
    file: 'packages/engine/src/ledger/store/erase-requests.ts',
    search: 'for (const task of tasks) note(',
    replace: 'for (const task of tasks.slice(1)) note(',
    tests: ['packages/engine/test/retention.test.ts'],
  },
  {
    what: 'a request id that belongs to somebody else is taken for a known one',
    file: 'packages/engine/src/ledger/store/import-requests.ts',
    search: 'if (isSame) results.push(',
    replace: 'if (isSame || !isNew) results.push(',
    tests: ['packages/engine/test/engine.test.ts', 'packages/engine/test/ledger.test.ts'],
  },
  {
    what: 'the word for nobody is taken for a person',
    file: 'packages/engine/src/engine/suspicious-values.ts',
    search: `'null',`,
    replace: `'nulle',`,
    tests: ['packages/engine/src/engine/suspicious-values.test.ts'],
  },
  // The way to the vendor.
  {
    what: 'seconds of Retry-After are taken for milliseconds',
    file: 'packages/http-client/src/retry-after.ts',
    search: 'return Math.ceil(Number(text) * 1000);',
    replace: 'return Math.ceil(Number(text));',
    tests: ['packages/http-client/src/retry-after.test.ts'],
  },
  {
    what: 'a call that may have arrived is reported as never sent',
    file: 'packages/http-client/src/send-request.ts',
    search: 'if (!hasBegun && isWhileConnecting(system)) {',
    replace: 'if (isWhileConnecting(system)) {',
    tests: ['packages/http-client/src/send-request.test.ts', 'packages/http-client/src/proxy.test.ts'],
  },
  // Connectors.
  {
    what: "Altcraft: an address that begins like the person's is the person",
    file: 'packages/connector-altcraft/src/altcraft-profile-match.ts',
    search: 'email.toLowerCase() === value.toLowerCase()',
    replace: 'email.toLowerCase().startsWith(value.toLowerCase())',
    tests: ['packages/connector-altcraft/src/altcraft-profile-match.test.ts'],
  },
  {
    what: 'CleverTap: a look-up that was rejected counts as absence',
    file: 'packages/connector-clevertap/src/clevertap-connector.ts',
    search: 'return [unclear];',
    replace: `return [{ type: 'absent' }];`,
    tests: ['packages/connector-clevertap/src/clevertap-connector.sandbox.test.ts'],
  },
  {
    what: 'Segment: done in one destination counts as done in all',
    file: 'packages/connector-segment/src/map-segment-status.ts',
    search: `return parts.every((part) => part.state === 'deleted')`,
    replace: `return parts.some((part) => part.state === 'deleted')`,
    tests: ['packages/connector-segment/src/map-segment-status.test.ts'],
  },
  // The command.
  {
    what: 'somebody in the list was not taken in, and the exit code says success',
    file: 'apps/runner/src/commands/conclude.ts',
    search: 'code === exitCodes.settled && hasConflicts',
    replace: 'code === exitCodes.failed && hasConflicts',
    tests: ['apps/runner/src/commands/conclude.test.ts', 'apps/runner/test/inputs.test.ts'],
  },
  {
    what: 'a row with a cell too many is taken with its cells shifted',
    file: 'packages/lists/src/read-csv.ts',
    search: "if (cells.length < header.length || cells.slice(header.length).some((cell) => cell !== '')) {",
    replace: 'if (cells.length < header.length) {',
    tests: ['packages/lists/src/read-csv.test.ts'],
  },
  {
    what: 'a name in a report can be HTML',
    file: 'packages/report/src/escape-html.ts',
    search: `/[&<>"']/g`,
    replace: `/[&"']/g`,
    tests: ['packages/report/src/html-report.test.ts', 'packages/report/src/html-request.test.ts'],
  },
  {
    what: 'secrets are printed where a connector throws them',
    file: 'apps/runner/src/output/redact.ts',
    search: `redacted = redacted.replaceAll(secret, '[secret]');`,
    replace: `redacted = redacted.replaceAll(\`\${secret} \`, '[secret]');`,
    tests: ['apps/runner/src/output/redact.test.ts', 'apps/runner/test/canary-connectors.test.ts'],
    isBuilt: true,
  },
  {
    what: 'the key of the ledger can be read by everybody on the machine',
    file: 'packages/engine/src/crypto/key-file.ts',
    search: `openSync(path, 'wx', 0o600)`,
    replace: `openSync(path, 'wx', 0o644)`,
    tests: ['apps/runner/test/deletions.test.ts'],
    isBuilt: true,
  },
  {
    what: 'a signal ends the run in the middle of its calls',
    file: 'apps/runner/src/main.ts',
    search: 'if (isStopping || !stop()) process.exit(exitCode);',
    replace: 'if (isStopping || stop()) process.exit(exitCode);',
    tests: ['apps/runner/test/interruptions.test.ts'],
    isBuilt: true,
  },
  // PostgreSQL and the fleet.
  {
    what: 'a commit whose answer was lost is taken for one that never was',
    file: 'packages/postgres/src/writer.ts',
    search: `return status === 'committed';`,
    replace: `return status === 'aborted';`,
    tests: ['packages/postgres/test/lost-database.postgres.test.ts'],
  },
  {
    what: 'the calls of workers that are well are taken for lost',
    file: 'packages/postgres/src/fleet/worker-registry.ts',
    search: '[now() - strayAfterMs, now() - lostAfterMs],',
    replace: '[now() - strayAfterMs, now() + lostAfterMs],',
    tests: ['packages/postgres/test/fleet-well.postgres.test.ts'],
  },
  {
    what: 'workers together make more calls than the vendor takes',
    file: 'packages/postgres/src/shared-limits.ts',
    search: 'if (limits.capacityFor(kind, now) < 1) return false;',
    replace: 'if (limits.capacityFor(kind, now) < -1) return false;',
    tests: ['packages/postgres/test/fleet-limits.postgres.test.ts', 'packages/postgres/test/fleet.postgres.test.ts'],
  },
];
