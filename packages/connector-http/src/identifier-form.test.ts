import { describe, expect, it } from 'vitest';
import { usersOptions } from '../test/users-vendor.ts';
import { createHttpConnector } from './http-connector.ts';

const nowhere = 'http://127.0.0.1:9';

function connectorWith(form: { matches?: string; separators?: string[] }) {
  const identifiers = [{ type: 'user', from: ['user_id'], ...form }];
  return createHttpConnector({ ...usersOptions(nowhere), identifiers });
}

describe('the form of an identifier', () => {
  it.each([
    [{ separators: [',', ';'] }, ['a,b', ';', 'a;']],
    [{ matches: '[a-z0-9-]+' }, ['a b', 'A', 'a\nb', '', 'a,b']],
    [{ matches: 'x|y' }, ['xy', 'ax']],
  ])('%j refuses %j before any call', async (form, values) => {
    const connector = connectorWith(form);
    for (const value of values) {
      expect(await connector.submit([{ type: 'user', value }])).toMatchObject([
        { type: 'rejected', reason: 'not-addressable' },
      ]);
      expect(await connector.verify?.([{ type: 'user', value }])).toMatchObject([{ type: 'unknown' }]);
    }
  });

  it('lets everybody else through', async () => {
    const connector = connectorWith({ matches: '[a-z0-9-]+', separators: [','] });
    await expect(connector.submit([{ type: 'user', value: 'ada-4711' }])).rejects.toMatchObject({
      code: 'connection-failed',
    });
  });

  it('has to be a regular expression', () => {
    expect(() => connectorWith({ matches: '[a' })).toThrow('identifiers.0.matches: must be a regular expression');
  });
});
