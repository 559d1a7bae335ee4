import type { ConnectorSummary } from '@expunge/engine';

/** A connector's summary with what a test is not about left empty. */
export function summaryOf(connector: string, given: Partial<ConnectorSummary> = {}): ConnectorSummary {
  return {
    connector,
    states: {},
    onHold: 0,
    assurances: {},
    reasons: [],
    unread: [],
    nextAt: undefined,
    paused: undefined,
    ...given,
  };
}
