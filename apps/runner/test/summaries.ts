import type { ConnectorSummary } from '@expunge/engine';

/** A connector's summary with what a test is not about left empty. */
export function summaryOf(connector: string, given: Partial<ConnectorSummary> = {}): ConnectorSummary {
  return { connector, states: {}, assurances: {}, reasons: [], nextAt: undefined, paused: undefined, ...given };
}
