import {
  type AccessReport,
  type CallOptions,
  type DeletionConnector,
  notCalled,
  type Receipt,
  type SubmitOutcome,
  type Target,
} from '@expunge/core';
import { expectSame, httpError, parseResponse } from '@expunge/http-client';
import { z } from 'zod';
import { findRegulation } from './find-regulation.ts';
import { mapSegmentStatus } from './map-segment-status.ts';
import { readSuppressions, type SuppressionReading } from './read-suppressions.ts';
import { createSegmentCall, type SegmentCall, type SegmentCollaborators, vendor } from './segment-call.ts';
import { readConflict } from './segment-conflict.ts';
import { isPublicApiError, regulationError } from './segment-error.ts';
import { regulationTypeSchema, type SegmentRegulationSettings } from './segment-options.ts';
import {
  anyDataSchema,
  buildCreateRegulation,
  buildGetRegulation,
  buildGetWorkspace,
  buildListSuppressions,
  createdSchema,
  regulationIdSchema,
  regulationSchema,
} from './segment-regulation-api.ts';
import { maxBytesOf, regulationCapabilities, targetTypeOf } from './segment-regulation-capabilities.ts';

/** A connector for regulations, which can also read Segment's list of suppressed subjects. */
export interface SegmentRegulationConnector extends DeletionConnector {
  /**
   * Whether Segment suppresses these targets now. No proof of a deletion, and therefore not `verify`: a person can be
   * suppressed with all data in place. The list is of the workspace and does not name sources.
   *
   * @returns One reading per target, in the order of the targets.
   */
  readSuppressions(targets: readonly Target[], options?: CallOptions): Promise<readonly SuppressionReading[]>;
}

// The type stands in the receipt because the answer about a regulation does not name it, and the configuration may
// have changed when the answer comes.
const receiptSchema = z.object({ regulateId: regulationIdSchema, regulationType: regulationTypeSchema });

/** Makes the connector of checked options. */
export function createSegmentRegulationConnector(
  settings: SegmentRegulationSettings,
  collaborators: SegmentCollaborators,
): SegmentRegulationConnector {
  const call = createSegmentCall(collaborators, settings.timeoutMs);
  const capabilities = regulationCapabilities(settings);
  const targetType = targetTypeOf(settings);
  const receiptOf = (regulateId: string): Receipt => ({ regulateId, regulationType: settings.regulationType });
  const isUsable = (target: Target): boolean => target.type === targetType;
  const subjectIdsOf = (targets: readonly Target[]): string[] => {
    if (!targets.every(isUsable)) {
      const message = `This connector takes targets of the type ${targetType} only.`;
      throw notCalled(vendor, 'request-rejected', message);
    }
    return [...new Set(targets.map((target) => target.value))];
  };
  const connector: SegmentRegulationConnector = {
    specVersion: 'v1',
    vendor,
    operation: 'regulation',
    capabilities,

    targetsOf(subject) {
      const values = subject.identifiers.filter(({ type }) => type === targetType).map(({ value }) => value);
      return [...new Set(values)].map((value) => ({ type: targetType, value }));
    },

    async submit(targets, options) {
      if (targets.length === 0) return [];
      const { maxTargets } = capabilities.limits.submit;
      if (targets.length > maxTargets) {
        throw notCalled(vendor, 'request-too-large', `A regulation takes ${maxTargets} ids at the most.`);
      }
      if (!targets.some(isUsable)) return targets.map(() => unsupported(targetType));
      const request = buildCreateRegulation(settings, subjectIdsOf(targets));
      if (Buffer.byteLength(request.body ?? '') > maxBytesOf(settings)) {
        throw notCalled(vendor, 'request-too-large', `A regulation takes ${maxBytesOf(settings)} bytes at the most.`);
      }
      const response = await call(request, options);
      if (response.status === 409) {
        const refusal = regulationError(response, { isCreate: true });
        return readConflict({ settings, call, receiptOf, refusal }, targets, options);
      }
      if (response.status !== 200) throw regulationError(response, { isCreate: true });
      const created = parseResponse(response, createdSchema, { vendor, what: 'the new regulation' });
      const receipt = receiptOf(created.data.regulateId);
      const outcome = { type: 'accepted' as const, receipt };
      return targets.map(() => outcome);
    },

    async check(receipt, _targets, options) {
      const known = receiptSchema.safeParse(receipt);
      if (!known.success) throw notCalled(vendor, 'request-rejected', 'This is not a receipt of a Segment regulation.');
      const { regulateId, regulationType } = known.data;
      const response = await call(buildGetRegulation(settings, regulateId), options);
      // Segment drops regulations after 90 days. A 404 that is not Segment's own comes from a wrong address.
      if (response.status === 404 && isPublicApiError(response)) return { state: 'lost', vendorStatus: '404' };
      if (response.status !== 200) throw regulationError(response, { isCreate: false });
      const { regulation } = parseResponse(response, regulationSchema, { vendor, what: 'the regulation' }).data;
      expectSame(regulation.id, regulateId, { vendor, what: 'the regulation', field: 'id' });
      return mapSegmentStatus(regulation, regulationType);
    },

    checkAccess: (options) => checkRegulationAccess(settings, call, options),

    async readSuppressions(targets, options) {
      subjectIdsOf(targets);
      return readSuppressions(settings, call, targets, options);
    },
  };
  // Segment lists the regulations of the workspace and of a source, and documents no list for a cloud source.
  if (settings.scope.type === 'cloud-source') return connector;
  return {
    ...connector,
    async recover(targets, since, options) {
      // Such targets are never part of a regulation, so there is none of exactly these.
      if (!targets.every(isUsable)) return undefined;
      const wanted = { subjectIds: subjectIdsOf(targets), since };
      const regulateId = await findRegulation(settings, call, wanted, options);
      return regulateId === undefined ? undefined : receiptOf(regulateId);
    },
  };
}

function unsupported(targetType: string): SubmitOutcome {
  const message = `The connector is set up for targets of the type ${targetType}; check scope and subjectType.`;
  return { type: 'rejected', reason: 'unsupported', message };
}

async function checkRegulationAccess(
  settings: SegmentRegulationSettings,
  call: SegmentCall,
  options: CallOptions | undefined,
): Promise<AccessReport> {
  const workspace = await call(buildGetWorkspace(settings), options);
  if (workspace.status !== 200) throw regulationError(workspace, { isCreate: false });
  parseResponse(workspace, anyDataSchema, { vendor, what: 'the workspace' });
  const suppressions = await call(buildListSuppressions(settings, { count: 1 }), options);
  if (suppressions.status === 401) {
    // Segment answers 401 for a missing permission too; this token has just been accepted.
    throw httpError(suppressions, {
      vendor,
      code: 'permission-missing',
      message: 'The token is good, and its role may not read deletions and suppressions (HTTP 401).',
    });
  }
  if (suppressions.status !== 200) throw regulationError(suppressions, { isCreate: false });
  parseResponse(suppressions, anyDataSchema, { vendor, what: 'the list of suppressions' });
  const unproven = ['Whether the token may create regulations shows only at the first one.'];
  if (settings.scope.type !== 'workspace')
    unproven.push('Whether the source exists shows only at the first regulation.');
  return {
    proven: ['The token opens its workspace.', 'The token may read deletions and suppressions.'],
    unproven,
  };
}
