import {
  type CallOptions,
  type CancelOutcome,
  type CheckOutcome,
  ConnectorError,
  type DeletionConnector,
} from '@expunge/core';
import { type HttpRequest, type HttpResponse, parseResponse, sendRequest } from '@expunge/http-client';
import { gdprError, isSuccessStatus, mixpanelError, taskError } from './mixpanel-error.ts';
import {
  buildTaskCreation,
  buildTaskQuery,
  buildTaskRevocation,
  readTaskIds,
  taskCreationSchema,
} from './mixpanel-gdpr-api.ts';
import { gdprCapabilities } from './mixpanel-gdpr-capabilities.ts';
import { readConflict } from './mixpanel-gdpr-conflict.ts';
import { expectOurPeople, outcomeInForeignTasks, outcomeInOwnTasks } from './mixpanel-gdpr-outcome.ts';
import { parseReceipt, toReceipt } from './mixpanel-gdpr-receipt.ts';
import { knowsNoSuchTask, readTask, type TaskState } from './mixpanel-gdpr-status.ts';
import type { GdprSettings, MixpanelCollaborators } from './mixpanel-options.ts';
import { createReadBack } from './mixpanel-read-back.ts';
import { areDistinctIds, assertRoom, distinctIdTargets, unsupportedTarget } from './mixpanel-targets.ts';

// A task that Mixpanel never made: asking about it touches nobody.
const inventedTaskId = '0000000000000000000';

/**
 * Files data deletion tasks, which remove events and profiles, and follows them. There is no `recover`: Mixpanel lists no
 * tasks. A lost reply is made good by submitting again, which a running task answers with its own id.
 */
export function createGdprConnector(options: GdprSettings, collaborators: MixpanelCollaborators): DeletionConnector {
  const capabilities = gdprCapabilities(options);
  const readBack = createReadBack(options, collaborators);
  // SUCCESS is final.
  const tasksKnownDone = new Map<string, TaskState>();

  function send(request: HttpRequest, call?: CallOptions): Promise<HttpResponse> {
    return sendRequest(request, {
      vendor: 'mixpanel',
      dispatcher: collaborators.dispatcher,
      call,
      timeoutMs: options.timeoutMs ?? 60_000,
    });
  }

  async function askTask(taskId: string, call?: CallOptions): Promise<TaskState> {
    return readTask(await send(buildTaskQuery(options, taskId), call), taskId);
  }

  async function cancelTask(taskId: string, call?: CallOptions): Promise<CancelOutcome> {
    const response = await send(buildTaskRevocation(options, taskId), call);
    if (response.status === 405) return { type: 'too-late' };
    if (!isSuccessStatus(response)) throw taskError(response);
    try {
      return readCancellation((await askTask(taskId, call)).outcome);
    } catch (error) {
      // One call a second often leaves no room for the second one. Then 204 stands: both of Mixpanel's pages call it success.
      if (response.status === 204 && ConnectorError.isInstance(error) && error.code === 'rate-limited') {
        return { type: 'cancelled' };
      }
      throw error;
    }
  }

  return {
    specVersion: 'v1',
    vendor: 'mixpanel',
    operation: 'gdpr',
    capabilities,
    targetsOf: distinctIdTargets,

    async submit(targets, call) {
      if (targets.length === 0) return [];
      assertRoom(targets, capabilities.limits.submit.maxTargets);
      if (!areDistinctIds(targets)) return targets.map(() => unsupportedTarget);
      const response = await send(buildTaskCreation(options, targets), call);
      if (response.status === 409) return readConflict(response, targets);
      if (!isSuccessStatus(response)) throw gdprError(response);
      const creation = parseResponse(response, taskCreationSchema, { vendor: 'mixpanel', what: 'the task creation' });
      const taskIds = readTaskIds(creation);
      // Without an id the task exists all the same, and can't be followed: accepted, never failed.
      const receipt = taskIds.length === 0 ? {} : { receipt: toReceipt({ taskIds: [...taskIds], ours: true }) };
      const outcome = { type: 'accepted' as const, ...receipt };
      return targets.map(() => outcome);
    },

    async check(receipt, targets, call) {
      const { taskIds, ours } = parseReceipt(receipt);
      const tasks: TaskState[] = [];
      for (const taskId of taskIds) {
        // There is one call a second: what is done for good is not asked again, and behind an open task nothing is.
        const task = tasksKnownDone.get(taskId) ?? (await askTask(taskId, call));
        if (ours) expectOurPeople(targets, task);
        if (task.outcome.state === 'pending') return ours ? task.outcome : { ...task.outcome, canCancel: false };
        if (taskIds.length > 1 && task.outcome.state === 'deleted') tasksKnownDone.set(taskId, task);
        tasks.push(task);
      }
      const outcomes = targets.map((target) =>
        ours ? outcomeInOwnTasks(target, tasks) : outcomeInForeignTasks(target, tasks),
      );
      const [first] = outcomes;
      return first !== undefined && outcomes.every((outcome) => outcome === first) ? first : outcomes;
    },

    async cancel(receipt, _targets, call) {
      const { taskIds, ours } = parseReceipt(receipt);
      if (!ours) return { type: 'not-ours' };
      for (const taskId of taskIds) {
        const outcome = await cancelTask(taskId, call);
        if (outcome.type !== 'cancelled') return outcome;
      }
      return { type: 'cancelled' };
    },

    ...(readBack === undefined ? {} : { verify: readBack.verify }),

    async checkAccess(call) {
      const proven: string[] = [];
      const unproven = [
        'Whether the owner of the OAuth token may create deletion tasks shows at the first one.',
        'Whether the project token and the region are those of the data: an unknown distinct_id is no error at Mixpanel.',
      ];
      if (knowsNoSuchTask(await send(buildTaskQuery(options, inventedTaskId), call), inventedTaskId)) {
        proven.push('Mixpanel takes the OAuth token for questions about deletion tasks.');
      } else {
        unproven.push('Whether Mixpanel takes the OAuth token: its answer about an invented task did not say.');
      }
      if (readBack !== undefined) proven.push(await readBack.proveAccess(call));
      return { proven, unproven };
    },
  };
}

/** The answer to a cancellation is documented in two ways, so the task itself says what came of it. */
function readCancellation(task: CheckOutcome): CancelOutcome {
  if (task.state === 'cancelled') return { type: 'cancelled' };
  if (task.state === 'deleted' || task.state === 'failed') return { type: 'too-late' };
  if (task.state === 'pending' && task.canCancel === false) return { type: 'too-late' };
  throw mixpanelError('response-unexpected', 'Mixpanel took the cancellation, and the task does not read as revoked.');
}
