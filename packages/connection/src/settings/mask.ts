import { settingTable } from './table.ts';
import type { SettingName } from './values.ts';

/**
 * A value as it may be shown: secrets become asterisks, addresses lose their password. Safe for logs and
 * error messages.
 */
export function mask(name: SettingName, value: unknown): string {
  const shown = String(value);
  // Whoever takes a path for the place of the key itself has given away a private key otherwise.
  if (shown.includes('-----BEGIN ')) return '**** (a PEM)';
  switch (settingTable[name].shown) {
    case 'last four':
      return `****${shown.length > 8 ? shown.slice(-4) : ''}`;
    case 'nothing':
      return '****';
    case 'without password':
      // By pattern, not by URL: a malformed one must not give its password away either.
      return shown.replace(/^([^/]*\/\/)?.*@/s, '$1****@');
    default:
      return shown;
  }
}
