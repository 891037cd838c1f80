// What may be uploaded in this app, in place of src/policies.ts: npm start -- --policies
// examples/fastify/policies.ts In AWS, a stage names the file of its own: docs/configuration.md, "policies".
import { defineTypes } from '@sluice/contract/own-types';
import type { Policies } from '../../src/lib/upload/policy.ts';

const MiB = 1024 ** 2;

export const ownTypes = defineTypes({});

export const policies: Policies<keyof typeof ownTypes> = {
  avatars: {
    title: 'Pictures of people',
    types: ['image/png', 'image/jpeg', 'image/webp'],
    minBytes: 1,
    maxBytes: 2 * MiB,
    checksum: 'optional',
    urlExpiresInSeconds: 5 * 60,
  },
};
