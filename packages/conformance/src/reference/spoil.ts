import { ConnectorError, type DeletionConnector, type Target } from '@expunge/core';

/** A way to get a connector wrong, and how the suite has to notice. */
export interface Mistake {
  readonly mistake: string;
  /** Puts the mistake into a good connector. */
  readonly spoil: (connector: DeletionConnector, baseUrl: string) => DeletionConnector;
  /** The check that fails. */
  readonly check: string;
  /** What its advice says. */
  readonly advice: RegExp;
}

type Rewrite = (value: string) => string;

/** Submits for somebody else. */
export const wrongPerson = (rewrite: Rewrite) => (connector: DeletionConnector) => ({
  ...connector,
  submit: (targets: readonly Target[], options = {}) =>
    connector.submit(
      targets.map((target) => ({ ...target, value: rewrite(target.value) })),
      options,
    ),
});

/** Throws another error. */
export const wrongError = (change: (error: ConnectorError, targets: readonly Target[]) => unknown) => {
  return (connector: DeletionConnector): DeletionConnector => ({
    ...connector,
    submit: (targets, options) =>
      connector.submit(targets, options).catch((error: unknown) => {
        throw ConnectorError.isInstance(error) ? change(error, targets) : error;
      }),
  });
};

/** The error with other words. */
export function withMessage(error: ConnectorError, message: string): ConnectorError {
  return new ConnectorError({ code: error.code, vendor: error.vendor, message });
}
