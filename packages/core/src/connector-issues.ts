import { connectorCapabilitiesSchema } from './capabilities.ts';
import type { DeletionConnector } from './deletion-connector.ts';

const requiredMethods = ['targetsOf', 'submit', 'checkAccess'] as const;
const optionalMethods = ['check', 'verify', 'cancel', 'recover'] as const;

/**
 * Says what keeps a value from being a {@link DeletionConnector}: for whoever loads connectors that they did not write.
 *
 * @returns One sentence per fault. Empty: it is one.
 */
export function connectorIssues(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return ['It is not an object.'];
  const candidate = value as Partial<Record<keyof DeletionConnector, unknown>>;
  const issues: string[] = [];
  if (candidate.specVersion !== 'v1') issues.push("Its specVersion is not 'v1'.");
  for (const name of ['vendor', 'operation'] as const) {
    if (typeof candidate[name] !== 'string' || candidate[name] === '') issues.push(`It has no ${name}.`);
  }
  for (const name of requiredMethods) {
    if (typeof candidate[name] !== 'function') issues.push(`It has no method ${name}().`);
  }
  for (const name of optionalMethods) {
    if (candidate[name] !== undefined && typeof candidate[name] !== 'function') issues.push(`${name} is not a method.`);
  }
  const capabilities = connectorCapabilitiesSchema.safeParse(candidate.capabilities);
  if (!capabilities.success) {
    for (const issue of capabilities.error.issues) {
      issues.push(`capabilities.${issue.path.join('.')}: ${issue.message}`);
    }
    return issues;
  }
  if (capabilities.data.completion.type === 'polled' && candidate.check === undefined) {
    issues.push("Its completion is 'polled', and it has no check().");
  }
  if (candidate.verify !== undefined) {
    if (capabilities.data.limits.verify === undefined)
      issues.push('It has verify(), and no capabilities.limits.verify.');
    if (capabilities.data.readBack === undefined) issues.push('It has verify(), and no capabilities.readBack.');
  }
  const types = new Set(capabilities.data.identifiers.map(({ type }) => type));
  for (const type of capabilities.data.readBack?.identifiers ?? []) {
    if (!types.has(type)) issues.push(`capabilities.readBack.identifiers: "${type}" is none of its identifiers.`);
  }
  if (capabilities.data.cancels !== undefined && candidate.cancel === undefined) {
    issues.push('It says what it cancels, and has no cancel().');
  }
  return issues;
}

/** Whether a value is a {@link DeletionConnector}. */
export function isDeletionConnector(value: unknown): value is DeletionConnector {
  return connectorIssues(value).length === 0;
}
