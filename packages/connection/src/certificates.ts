import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { SettingError } from './errors/settings.ts';
import { mask } from './settings/mask.ts';
import { describe } from './settings/resolve.ts';
import type { SettingName, Settings } from './settings/values.ts';

/** What endpoints are trusted by, and are shown. Throws `SettingError` for a file that cannot be read. */
export function certificates(settings: Settings): SecureContextOptions {
  const { caBundle, clientCertificate, clientKey } = settings.values;
  if ((clientCertificate === undefined) !== (clientKey === undefined)) {
    throw new SettingError({
      setting: clientKey ? 'clientCertificate' : 'clientKey',
      value: '',
      source: 'code',
      allowed: 'both of clientCertificate and clientKey, or neither',
    });
  }
  return {
    ...(caBundle && { ca: readPem(settings, 'caBundle', caBundle) }),
    ...(clientCertificate && { cert: readPem(settings, 'clientCertificate', clientCertificate) }),
    ...(clientKey && { key: readPem(settings, 'clientKey', clientKey) }),
  };
}

/** The same for a proxy whose own URL begins with `https:`. */
export function proxyCertificates(settings: Settings): SecureContextOptions {
  const { proxyCaBundle, proxyClientCertificate, proxyClientKey } = settings.values;
  const ca = proxyCaBundle && readPem(settings, 'proxyCaBundle', proxyCaBundle);
  const cert = proxyClientCertificate && readPem(settings, 'proxyClientCertificate', proxyClientCertificate);
  const ownKey = proxyClientKey && readPem(settings, 'proxyClientKey', proxyClientKey);
  const key = ownKey || (cert?.includes('PRIVATE KEY-----') ? cert : undefined);
  if ((cert === undefined) !== (key === undefined)) {
    throw new SettingError({
      setting: cert ? 'proxyClientKey' : 'proxyClientCertificate',
      value: '',
      source: describe(settings.sources[cert ? 'proxyClientCertificate' : 'proxyClientKey']),
      allowed: 'both of proxyClientCertificate and proxyClientKey, or one file with both',
    });
  }
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

function readPem({ sources }: Settings, setting: SettingName, path: string): Buffer {
  try {
    const pem = readFileSync(path);
    if (pem.includes('-----BEGIN ')) return pem;
  } catch {
    // Falls through: a file that cannot be read and one that is no PEM need the same answer.
  }
  throw new SettingError({
    setting,
    value: mask(setting, path),
    source: describe(sources[setting]),
    allowed: 'the path of a readable PEM file',
  });
}
