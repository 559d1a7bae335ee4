export { countWords, plural } from './count-words.ts';
export { noneFoundWords } from './none-found-words.ts';
export { notDoneWords } from './not-done-words.ts';
export { type Result, type ResultScope, resultOf } from './run-result.ts';
export { shellArgument, shellQuote } from './shell-quote.ts';
export {
  countGroup,
  describeReason,
  describeUnread,
  onHoldTitle,
  type StateAndReason,
  type StateGroup,
  type StateWords,
  stateTitle,
  stateWords,
} from './state-words.ts';
export { unprintable } from './unprintable.ts';
