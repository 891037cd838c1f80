import type { MiddlewareStack } from '@smithy/types';

/**
 * Notes at an error that the bucket is in another region than the client's, as a header says with any status:
 * the answer to a HEAD says nothing else. `classify` reads it.
 */
export function noteRegions<Input extends object, Output extends object>(
  stack: MiddlewareStack<Input, Output>,
  region: string,
): void {
  stack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const said = headersOf(error)['x-amz-bucket-region'];
        // Ceph calls every region "default".
        if (typeof said === 'string' && said !== region && said.includes('-')) {
          Object.assign(Object(error), { bucketRegion: said, clientRegion: region });
        }
        throw error;
      }
    },
    { step: 'initialize', priority: 'low', name: 'noteRegion' },
  );
}

function headersOf(error: unknown): Record<string, unknown> {
  return Object(Object(Object(error).$response).headers);
}
