import type { Settings } from '@sluice/connection/settings/values';
import type { Environment } from '../settings.ts';

/** How the buckets are reached: by a function, and by clients. */
export type StoreSettings = { readonly settings: Settings; readonly publicSettings: Settings };

/**
 * The settings by which the buckets are reached. Only S3 moves: whatever else a function talks to stays where
 * it is.
 * @throws SettingError for an endpoint or an addressing style that is none
 */
export function settleStores({ connection, place: find }: Environment): StoreSettings {
  const place = find();
  if (place === undefined) return { settings: connection(), publicSettings: connection() };
  const { endpoint, publicEndpoint, region, addressingStyle } = place;
  // Any text: the table of settings says which are styles.
  const style = addressingStyle as Settings['values']['addressingStyle'];
  const at = (s3Endpoint: string) => connection({ s3Endpoint, region, addressingStyle: style });
  return { settings: at(endpoint), publicSettings: at(publicEndpoint ?? endpoint) };
}
