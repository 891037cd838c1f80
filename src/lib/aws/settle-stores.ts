import { resolveSettings } from '@sluice/connection/settings/resolve';
import type { Settings } from '@sluice/connection/settings/values';
import { environment, type Place } from '../settings.ts';

/** How the buckets are reached: by a function, and by clients. */
export type StoreSettings = { readonly settings: Settings; readonly publicSettings: Settings };

/**
 * The settings by which the buckets are reached. Only S3 moves: whatever else a function talks to stays with `connection`.
 * @param place undefined for the stack's own buckets in AWS
 * @throws SettingError for an endpoint or an addressing style that is none
 */
export function settleStores(connection: Settings, place: Place | undefined): StoreSettings {
  if (place === undefined) return { settings: connection, publicSettings: connection };
  const { endpoint, publicEndpoint, region, addressingStyle } = place;
  const at = (s3Endpoint: string) =>
    resolveSettings({
      environment: environment(),
      // Any text: the table of settings says which are styles.
      code: { s3Endpoint, region, addressingStyle: addressingStyle as Settings['values']['addressingStyle'] },
    });
  return { settings: at(endpoint), publicSettings: at(publicEndpoint ?? endpoint) };
}
