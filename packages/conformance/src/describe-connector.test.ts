import { describeConnector } from './describe-connector.ts';
import { referenceHarness } from './reference/reference-harness.ts';

describeConnector('the reference connector', () => referenceHarness());
