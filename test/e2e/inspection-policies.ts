// What may be uploaded to the stack of inspection.test.ts.
import type { Policies } from '../../src/lib/upload/policy.ts';

const RULES = {
  minBytes: 1,
  maxBytes: 32 * 1024 ** 2,
  checksum: 'optional',
  urlExpiresInSeconds: 900,
  scanners: ['inspection'],
} as const;

export const policies = {
  documents: {
    ...RULES,
    title: 'Documents that do nothing by themselves',
    types: [
      'application/pdf',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      'application/vnd.oasis.opendocument.text',
    ],
    inspection: { reject: ['external', 'encrypted', 'pdf.javascript'], limits: { pages: 3 } },
  },
  data: {
    ...RULES,
    title: 'Data',
    types: ['text/csv', 'application/json'],
    inspection: { reject: ['malformed'] },
  },
  archives: { ...RULES, title: 'Archives', types: ['application/zip'] },
  pictures: { ...RULES, title: 'Pictures', types: ['image/png'], inspection: { reject: ['gps'] } },
} satisfies Policies;
