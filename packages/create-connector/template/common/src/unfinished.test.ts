import { describeUnfinished } from '@expunge/conformance';

// One red test for each place that you still have to write. Delete this file, and unfinished.ts, when none is left.
describeUnfinished('connector-acme', [new URL('..', import.meta.url)]);
