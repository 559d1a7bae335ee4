import { type DeletionConnector, parseOptions } from '@expunge/core';
import { createGdprConnector } from './mixpanel-gdpr-connector.ts';
import { type MixpanelCollaborators, type MixpanelOptions, mixpanelOptionsSchema } from './mixpanel-options.ts';
import { createProfileConnector } from './mixpanel-profile-connector.ts';

/**
 * Makes a connector for one of Mixpanel's two deletions in one project: `api: 'profile'` removes profiles and leaves
 * their events, `api: 'gdpr'` files a task that removes both.
 *
 * @throws OptionsError naming every wrong key.
 */
export function createMixpanelConnector(
  options: MixpanelOptions,
  collaborators: MixpanelCollaborators = {},
): DeletionConnector {
  const settings = parseOptions('connector-mixpanel', mixpanelOptionsSchema, options);
  switch (settings.api) {
    case 'profile':
      return createProfileConnector(settings, collaborators);
    case 'gdpr':
      return createGdprConnector(settings, collaborators);
  }
}
