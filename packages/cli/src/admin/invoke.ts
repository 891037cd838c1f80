import type { Invoked } from '@sluice/connection/invoke-function';
import type { AdminCall, AdminRefusal } from '@sluice/contract/admin';
import { Complaint, UsageError } from '../complaint.ts';
import { openStack } from '../events/stack.ts';
import { printable } from '../text.ts';
import type { World } from '../world.ts';
import { type StackValues, toStackValues } from './options.ts';

/** What the function is asked; who asks, and in what form, is added. */
export type AdminRequest = AdminCall extends infer Call
  ? Call extends AdminCall
    ? Omit<Call, 'schema' | 'operator'>
    : never
  : never;

/** A deployment that admin commands are sent to. */
export type Operator = Disposable & {
  readonly stack: string;
  /** Asks once. Throws Complaint for what the function refuses. */
  readonly ask: <Answer>(request: AdminRequest) => Promise<Answer>;
  readonly session: Awaited<ReturnType<typeof openStack>>['session'];
};

/** Opens the deployment that the options name, as whom the environment's keys say. */
export async function openOperator(values: StackValues, world: World): Promise<Operator> {
  const { name, session } = await openStack(toStackValues(values), world);
  const [{ createLambdaClient }, { invokeFunction }, { createSTSClient }, { readIdentity }] =
    await Promise.all([
      import('@sluice/connection/clients/lambda'),
      import('@sluice/connection/invoke-function'),
      import('@sluice/connection/clients/sts'),
      import('@sluice/connection/access/identity'),
    ]);
  // For the log's line alone, and CloudTrail vouches for that: where STS is out of reach, it goes without.
  const operator = await readIdentity(session.client(createSTSClient), world.signal).catch(() => undefined);
  world.signal.throwIfAborted();
  const lambda = session.client(createLambdaClient);
  return {
    stack: name,
    session,
    ask: async <Answer>(request: AdminRequest) => {
      const call = { schema: 1, ...(operator && { operator: operator.arn }), ...request };
      const invoked = await invokeFunction(lambda, `${name}-administer`, call, world.signal);
      // Sound: the function of this version answers each command so, and another one refuses it.
      return toAnswer(name, invoked) as Answer;
    },
    [Symbol.dispose]: () => session[Symbol.dispose](),
  };
}

function toAnswer(stack: string, invoked: Invoked): unknown {
  if (invoked.kind === 'unknown') {
    throw new Complaint(
      `There is no function ${stack}-administer.`,
      'Is the stack right (--stage, --region), and was it deployed with this version?',
    );
  }
  if (invoked.kind === 'failed') {
    throw new Complaint(
      `${stack}-administer failed: ${invoked.name}: ${printable(invoked.message)}`,
      `Its log tells more: /aws/lambda/${stack}-administer. What was done stays done, and the same command goes on.`,
    );
  }
  const { error } = Object(invoked.answer) as Partial<AdminRefusal>;
  if (error !== undefined) throw new UsageError(printable(error.message));
  return invoked.answer;
}
