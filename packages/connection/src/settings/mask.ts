import { settingTable } from './table.ts';
import type { SettingName } from './values.ts';

/**
 * A value as it may be shown: secrets become asterisks, proxies lose their password. Safe for logs and error
 * messages.
 */
export function mask(name: SettingName, value: unknown): string {
  const shown = String(value);
  switch (settingTable[name].shown) {
    case 'last four':
      return `****${shown.length > 8 ? shown.slice(-4) : ''}`;
    case 'nothing':
      return '****';
    case 'without password':
      // By pattern, not by URL: a malformed proxy must not give its password away either.
      return shown.replace(/^([^/]*\/\/)?.*@/, '$1****@');
    default:
      return shown;
  }
}
