import type { Settings } from '@sluice/connection/settings/values';
import type { ForgetCopies } from '../upload/ports.ts';

/**
 * Has a distribution of CloudFront forget what it keeps of a file. Its client is loaded by the first call:
 * deployed, it is in a bundle of its own (infra/late-modules.cjs), which stacks without CloudFront never
 * load.
 */
export function lazyForgetCopies(settings: Settings, distribution: string): ForgetCopies {
  let made: Promise<ForgetCopies> | undefined;
  return async (upload) => {
    made ??= open(settings, distribution).catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    await (await made)(upload);
  };
}

async function open(settings: Settings, distribution: string): Promise<ForgetCopies> {
  const { createForgetCopies } = await import('./edge-copies.ts');
  return createForgetCopies(settings, distribution);
}
