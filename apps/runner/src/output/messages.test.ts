import { expect, it } from 'vitest';
import { KeptOutput } from '../../test/fake-environment.ts';
import { createMessages } from './messages.ts';

it('leaves out what is not important with --quiet, and hides secrets from everything', () => {
  const stream = new KeptOutput();
  const messages = createMessages({ stream, environment: {}, quiet: true });
  messages.hide(['test-secret']);
  messages.hide(['other-secret']);
  messages.info('going on');
  messages.warn('test-secret of ada@example.com');
  messages.error('other-secret');
  expect(stream.text).toBe('warning: [secret] of [address]\nerror: [secret]\n');
});
