import { describe, expect, it } from 'vitest';
import { readReply } from './match-reply.ts';
import { nearestEntryRule, noRuleError } from './no-rule-error.ts';
import type { BodyRule } from './reply-schema.ts';

const scope = new Map([
  ['id', 'ada'],
  ['job', '7'],
]);
const deleted = {
  status: 200,
  body: [
    { at: '/user/id', sameAs: 'id' },
    { at: '/user/deleted', equals: true },
  ] satisfies BodyRule,
};
const unknown = { status: 404, body: [{ at: '/code', equals: 'unknown' }] satisfies BodyRule };

function errorOf(status: number, text: string, at = 'submit.replies') {
  const reply = readReply({ status, headers: {}, text });
  return noRuleError(reply, 'acme', 'the deletion', { rules: [deleted, unknown], scope, at });
}

describe('the error of a reply that fits no rule', () => {
  it('is answer-contradictory where the reply is about somebody else', () => {
    expect(errorOf(200, '{"user":{"id":"grace","deleted":true}}')).toMatchObject({
      code: 'answer-contradictory',
      effect: 'in-doubt',
      message: expect.stringContaining('(submit.replies.0.body.0, sameAs: id)'),
    });
    expect(errorOf(200, '{"user":{"id":"ADA","deleted":true}}').message).toContain('ignoreCase: true');
    // The access was proven of another account.
    expect(errorOf(200, '{"user":{"id":"grace","deleted":true}}', 'access.replies').code).toBe('setup-wrong');
  });

  it.each([
    [
      '{"user":{"id":"ada","deleted":false}}',
      'submit.replies.0, where body.1 (equals, at /user/deleted) does not hold',
    ],
    ['{"user":{"id":"ada"}}', 'submit.replies.0, where body.1 (equals, at /user/deleted) finds nothing there'],
    ['{"user":{"deleted":true}}', 'submit.replies.0, where body.0 (sameAs, at /user/id) finds nothing there'],
    ['{"user":{"id":"","deleted":true}}', 'submit.replies.0, where body.0 (sameAs, at /user/id) does not hold'],
    ['{}', 'submit.replies.0, where body.0 (sameAs, at /user/id) finds nothing there'],
    ['<html>', 'submit.replies.0, where the body has to be JSON or a short text, and is neither'],
  ])('says of %s which condition of which rule came nearest', (text, near) => {
    expect(errorOf(200, text)).toMatchObject({
      code: 'response-unexpected',
      message: `The answer to the deletion is none that the configuration describes (HTTP 200). Nearest is ${near}.`,
    });
  });

  it('keeps the meaning of a status, and says which statuses are described', () => {
    expect(errorOf(404, '{"code":"no_route"}')).toMatchObject({
      code: 'setup-wrong',
      message: expect.stringContaining('Nearest is submit.replies.1, where body.0 (equals, at /code) does not hold.'),
    });
    expect(errorOf(503, '').message).toContain('No rule of submit.replies has this status; they have 200, 404.');
  });

  it('shows nothing of the reply', () => {
    for (const text of ['{"user":{"id":"canary","deleted":true}}', '{"canary":1}', 'canary']) {
      expect(errorOf(200, text).message).not.toContain('canary');
    }
  });

  it('names the nearest rule of an entry', () => {
    const rules = [
      { body: [{ at: '/what', equals: 'purged' }] },
      {
        body: [
          { at: '/who', exists: true },
          { at: '/what', equals: 'x' },
        ],
      },
    ];
    expect(nearestEntryRule({ who: 'ada', what: 'busy' }, rules, scope, 'submit.results.0.replies')).toBe(
      'Nearest is submit.results.0.replies.0, where body.0 (equals, at /what) does not hold',
    );
  });
});
