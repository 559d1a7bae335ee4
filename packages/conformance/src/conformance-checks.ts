import { accessChecks } from './access-checks.ts';
import { answerChecks } from './answer-checks.ts';
import { batchChecks } from './batch-checks.ts';
import { capabilityChecks } from './capability-checks.ts';
import type { ConformanceCheck } from './conformance-check.ts';
import { deletionChecks } from './deletion-checks.ts';
import { documentedAnswerChecks } from './documented-answer-checks.ts';
import { faultChecks } from './fault-checks.ts';
import { limitChecks } from './limit-checks.ts';
import { mannersChecks } from './manners-checks.ts';
import { oddIdentifierChecks } from './odd-identifier-checks.ts';
import { orderChecks } from './order-checks.ts';
import { outcomeChecks } from './outcome-checks.ts';
import { readChecks } from './read-checks.ts';
import { silenceChecks } from './silence-checks.ts';
import { unexpectedChecks } from './unexpected-checks.ts';
import { walkChecks } from './walk-checks.ts';
import { watchingReads } from './watch-reads.ts';
import { wrongAddressChecks } from './wrong-address-checks.ts';

/** Everything that must hold for every connector, as a list: for runners other than vitest, and for testing the suite itself. */
export const conformanceChecks: readonly ConformanceCheck[] = [
  ...capabilityChecks,
  ...deletionChecks,
  ...walkChecks,
  ...outcomeChecks,
  ...orderChecks,
  ...batchChecks,
  ...limitChecks,
  ...oddIdentifierChecks,
  ...faultChecks,
  ...unexpectedChecks.map(watchingReads),
  ...wrongAddressChecks.map(watchingReads),
  ...answerChecks.map(watchingReads),
  ...documentedAnswerChecks,
  ...silenceChecks,
  ...readChecks.map(watchingReads),
  ...accessChecks,
  ...mannersChecks,
];
