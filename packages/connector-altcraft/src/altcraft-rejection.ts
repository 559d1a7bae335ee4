import type { SubmitRejected } from '@expunge/core';
import type { Unaddressable } from './altcraft-api.ts';
import type { AltcraftMatching } from './altcraft-options.ts';
import type { Ownership } from './altcraft-profile-match.ts';

/** The outcome of a target that can't be put into a request. Nothing was sent. */
export function unaddressableRejection(why: Unaddressable): SubmitRejected {
  switch (why) {
    case 'type-unknown':
      return {
        type: 'rejected',
        reason: 'unsupported',
        message: 'This identifier type is neither in matching nor in customFields of the connector’s options.',
      };
    case 'not-a-whole-number':
      return {
        type: 'rejected',
        reason: 'not-addressable',
        message:
          'The custom field is set up as a number, and this value is not a plain whole number up to 2^53. Correct the ' +
          'value or set the fieldType to string.',
      };
    case 'not-xml-text':
      return {
        type: 'rejected',
        reason: 'not-addressable',
        message: 'The identifier holds a character that XML cannot carry. Set the format to json.',
      };
  }
}

/** The outcome where the look-up found a profile that is not, or need not be, the person's. Nothing was deleted. */
export function mismatchRejection({ matching, type }: AltcraftMatching, owner: Ownership): SubmitRejected {
  if (owner.type === 'contradicts') {
    const message =
      `The profile that Altcraft finds by this ${type} shows another ${owner.by} than the request, so it is somebody else’s. ` +
      'Nothing was deleted. Look into it by hand.';
    return { type: 'rejected', reason: 'mismatch', message };
  }
  const message =
    matching === 'email' || matching === 'phone'
      ? `The profile that Altcraft finds by this ${matching} does not have it as its own, and may be another person’s with a ` +
        'subscription for it. Nothing was deleted. Look into it by hand, or set allowSubscriptionMatch.'
      : 'The profile that Altcraft finds by this value shows another value in that field. Nothing was deleted. Look into it by hand.';
  return { type: 'rejected', reason: 'mismatch', message };
}
