import type { OptionsIssue } from '@expunge/core';
import { scopeOf } from './http-api.ts';
import type { HttpSettings } from './http-options.ts';
import { replyFaults } from './reply-faults.ts';
import type { Condition } from './reply-schema.ts';
import { headerFaults, type RequestUse, requestFaults } from './request-faults.ts';
import { placeholdersIn } from './template.ts';

/** What is wrong with a description although each of its keys is right: what contradicts, and what is missing for it. */
export function findOptionFaults(settings: HttpSettings): OptionsIssue[] {
  return [
    ...placeFaults(settings),
    ...nameFaults(settings),
    ...batchFaults(settings),
    ...completionFaults(settings),
    ...receiptFaults(settings),
    ...callFaults(settings),
  ];
}

function placeFaults({ hosts, baseUrl, auth, headers, values, ...settings }: HttpSettings): OptionsIssue[] {
  const faults: OptionsIssue[] = [];
  if (hosts === undefined && baseUrl === undefined) {
    faults.push({ path: ['hosts'], message: 'is missing; name the hosts that calls may go to' });
  }
  if (auth !== undefined && Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')) {
    faults.push({ path: ['headers', 'authorization'], message: 'stands beside auth; use one of them' });
  }
  if (auth?.type === 'basic' && auth.username.includes(':')) {
    faults.push({ path: ['auth', 'username'], message: 'has a colon in it, which basic authentication can’t carry' });
  }
  const used = Object.entries(headers).flatMap(([name, text]) => placeholdersIn(text).map((each) => ({ name, each })));
  const unknown = used.filter(({ each }) => !Object.hasOwn(values, each));
  faults.push(
    ...unknown.map(({ name, each }) => ({
      path: ['headers', name],
      message: `{${each}} is not one of values; headers of all calls know nothing else`,
    })),
  );
  return unknown.length > 0
    ? faults
    : [...faults, ...headerFaults(headers, ['headers'], scopeOf({ ...settings, values }))];
}

/** Names that would mean two things. */
function nameFaults({ values, submit, identifiers }: HttpSettings): OptionsIssue[] {
  const types = identifiers.map(({ type }) => type);
  const receipt = Object.keys(submit.receipt ?? {});
  const taken = (name: string) => name === 'id' || name === 'type';
  return [
    ...Object.keys(values)
      .filter(taken)
      .map((name) => ({ path: ['values', name], message: `{${name}} is the target's own; choose another name` })),
    ...receipt
      .filter((name) => taken(name) || Object.hasOwn(values, name))
      .map((name) => ({ path: ['submit', 'receipt', name], message: 'is taken already; choose another name' })),
    ...types.flatMap((type, index) =>
      types.indexOf(type) === index ? [] : [{ path: ['identifiers', index, 'type'], message: 'stands there twice' }],
    ),
  ];
}

function batchFaults({ limits, submit, identifiers }: HttpSettings): OptionsIssue[] {
  const faults: OptionsIssue[] = [];
  const { maxBytes, oneTypePerCall } = limits.submit;
  if (maxBytes !== undefined && submit.request.json === undefined && submit.request.form === undefined) {
    faults.push({ path: ['limits', 'submit', 'maxBytes'], message: 'bounds the body, and submit.request has none' });
  }
  if (submit.results !== undefined && identifiers.length > 1 && !oneTypePerCall) {
    const message = 'finds targets by their id, which several types may share; set limits.submit.oneTypePerCall';
    faults.push({ path: ['submit', 'results'], message });
  }
  return faults;
}

function completionFaults({ completion, check, submit }: HttpSettings): OptionsIssue[] {
  const faults: OptionsIssue[] = [];
  const means = meaningsOf(submit);
  if (completion.type === 'polled' && check === undefined) {
    faults.push({
      path: ['check'],
      message: 'is missing; completion is polled, so say how to ask and what the words mean',
    });
  }
  if (completion.type !== 'polled' && check !== undefined) {
    const message = `is ${completion.type}, so check would never be called; say polled, or leave check out`;
    faults.push({ path: ['completion', 'type'], message });
  }
  const isImmediate = completion.type === 'immediate';
  const needed = isImmediate ? 'deleted' : 'accepted';
  const wrong = isImmediate ? 'accepted' : 'deleted';
  if (!means.includes(needed)) {
    const message = `has no rule that means ${needed}, which a completion that is ${completion.type} needs`;
    faults.push({ path: ['submit', 'replies'], message });
  }
  if (means.includes(wrong)) {
    const why = isImmediate ? 'says that the vendor is done when it answers' : 'says that it works on it later';
    const message = `has a rule that means ${wrong}, and completion (${completion.type}) ${why}`;
    faults.push({ path: ['submit', 'replies'], message });
  }
  if (check !== undefined && !Object.values(check.status.words).includes('deleted')) {
    faults.push({
      path: ['check', 'status', 'words'],
      message: 'has no word that means deleted: it would be asked for ever',
    });
  }
  return faults;
}

function meaningsOf({ replies, results = [] }: HttpSettings['submit']): readonly string[] {
  return [...replies, ...results.flatMap((list) => list.replies)].map(({ means }) => means);
}

function receiptFaults({ submit, check, cancel }: HttpSettings): OptionsIssue[] {
  const isKept = Object.keys(submit.receipt ?? {}).length > 0;
  const users = [check === undefined ? [] : ['check'], cancel === undefined ? [] : ['cancel']].flat();
  if (users.length > 0 && !isKept) {
    const message = `is missing; ${users.join(' and ')} need something to ask by, such as { job: /job/id }`;
    return [{ path: ['submit', 'receipt'], message }];
  }
  if (users.length === 0 && submit.receipt !== undefined) {
    return [{ path: ['submit', 'receipt'], message: 'is kept for check or cancel, and there is neither' }];
  }
  return [];
}

function callFaults(settings: HttpSettings): OptionsIssue[] {
  const { submit, check, verify, cancel, access, limits, identifiers } = settings;
  const isOneType = limits.submit.maxTargets === 1 || limits.submit.oneTypePerCall || identifiers.length === 1;
  const receipt = Object.keys(submit.receipt ?? {});
  const about = {
    one: { targets: 'one', isOneType: true, receipt: [] },
    job: { targets: 'none', isOneType: true, receipt },
  } as const;
  const uses: { readonly name: string; readonly call: Call | undefined; readonly use: RequestUse }[] = [
    {
      name: 'submit',
      call: submit,
      use: { targets: limits.submit.maxTargets === 1 ? 'one' : 'several', isOneType, receipt: [] },
    },
    { name: 'check', call: check, use: about.job },
    { name: 'verify', call: verify, use: about.one },
    { name: 'cancel', call: cancel, use: about.job },
    { name: 'access', call: access, use: { targets: 'none', isOneType: true, receipt: [] } },
  ];
  return [
    ...uses.flatMap(({ name, call, use }) =>
      call === undefined
        ? []
        : [
            ...requestFaults(call.request, [name, 'request'], settings, use),
            ...sameAsFaults(call.replies, [name, 'replies'], sameAsNames(settings, use)),
          ],
    ),
    ...(submit.results ?? []).flatMap((list, index) =>
      sameAsFaults(list.replies, ['submit', 'results', index, 'replies'], sameAsNames(settings, about.one)),
    ),
    ...replyFaults(settings),
  ];
}

interface Call {
  readonly request: HttpSettings['submit']['request'];
  readonly replies: readonly { readonly body: 'any' | 'empty' | readonly Condition[] }[];
}

function sameAsNames({ values }: HttpSettings, { targets, receipt }: RequestUse): string[] {
  return [...(targets === 'one' ? ['id', 'type'] : []), ...receipt, ...Object.keys(values)];
}

function sameAsFaults(replies: Call['replies'], path: OptionsIssue['path'], known: readonly string[]): OptionsIssue[] {
  return replies.flatMap(({ body }, rule) =>
    (typeof body === 'string' ? [] : body).flatMap(({ sameAs }, index): OptionsIssue[] => {
      if (sameAs === undefined || known.includes(sameAs)) return [];
      const list = known.length === 0 ? 'nothing is known here' : `known here are ${known.join(', ')}`;
      return [{ path: [...path, rule, 'body', index, 'sameAs'], message: `names nothing; ${list}` }];
    }),
  );
}
