import { describeConnector } from './describe-connector.ts';
import { identifierForms } from './identifier-forms.ts';
import { referenceHarness } from './reference/reference-harness.ts';

describeConnector('the reference connector', () => referenceHarness());

// Identifiers that are no free text.
for (const form of ['number', 'uuid', 'email', 'phone'] as const) {
  describeConnector(`the reference connector, by ${form}`, async () => ({
    ...(await referenceHarness()),
    identifierFor: identifierForms[form],
  }));
}
