import type { Stack } from '../../local/stack.ts';

/** How tests reach the local stack as the owner of its account: to look, and to do what no caller may. */
export function rootOf({ endpoint, region }: Pick<Stack, 'endpoint' | 'region'>) {
  return {
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
}
