import { UsageError } from '../complaint.ts';
import { findStack } from '../stack.ts';
import { connect } from '../storage/connect.ts';
import type { World } from '../world.ts';

type StackValues = {
  readonly stack?: string | undefined;
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
};

/** The local stack's, unless another one is named. */
export async function openStack({ stack, profile, region }: StackValues, world: World) {
  const isLocal =
    stack === undefined && profile === undefined && (await findStack(world.folder)) !== undefined;
  if (isLocal) return { name: 'sluice-local', session: await connect({ local: true }, world) };
  if (stack === undefined) {
    throw new UsageError('Name the stack of the deployment with --stack, such as sluice-prod.');
  }
  return { name: stack, session: await connect({ profile, region }, world) };
}
