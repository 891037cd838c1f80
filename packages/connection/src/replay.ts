import {
  DescribeArchiveCommand,
  DescribeReplayCommand,
  type EventBridgeClient,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import { classify } from './classify.ts';

/** What to replay. */
export type ReplayRequest = {
  readonly client: EventBridgeClient;
  /** of an archive; its bus gets the events */
  readonly archive: string;
  /** of the replay, which no other had; rules can tell its events by it */
  readonly name: string;
  readonly from: Date;
  readonly until: Date;
  /** names of rules of the bus; only they get the events. All of them if absent */
  readonly rules?: readonly string[];
  /** Called once the replay has begun, then each time it is looked at, with the time it has come to. */
  readonly onProgress?: (replayedUntil: Date | undefined) => void;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
};

/** How a replay ended. */
export type ReplayEnd = {
  readonly state: 'completed' | 'failed' | 'cancelled';
  readonly reason?: string;
};

const LOOK_EVERY_MS = 2_000;
const ENDS: Readonly<Record<string, ReplayEnd['state']>> = {
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
};

/**
 * Has EventBridge send the events of an archive again, and waits until it has, or has ended it. When the wait
 * is given up, the replay goes on.
 */
export async function replayArchive({ signal, ...request }: ReplayRequest): Promise<ReplayEnd> {
  const { client, onProgress, sleep } = request;
  const call = signal ? { abortSignal: signal } : {};
  try {
    await startReplay(request, call);
    onProgress?.(undefined);
    for (;;) {
      const { State, StateReason, EventLastReplayedTime } = await client.send(
        new DescribeReplayCommand({ ReplayName: request.name }),
        call,
      );
      onProgress?.(EventLastReplayedTime);
      const state = ENDS[State ?? ''];
      if (state !== undefined) return { state, ...(StateReason && { reason: StateReason }) };
      await sleep(LOOK_EVERY_MS, signal);
    }
  } catch (error) {
    throw classify(error);
  }
}

async function startReplay(
  { client, archive, name, from, until, rules }: Omit<ReplayRequest, 'signal'>,
  call: { readonly abortSignal?: AbortSignal },
): Promise<void> {
  const { ArchiveArn, EventSourceArn = '' } = await client.send(
    new DescribeArchiveCommand({ ArchiveName: archive }),
    call,
  );
  // `…:event-bus/<bus>` and `…:rule/<bus>/<rule>`
  const toArn = (rule: string) => `${EventSourceArn.replace(':event-bus/', ':rule/')}/${rule}`;
  await client.send(
    new StartReplayCommand({
      ReplayName: name,
      EventSourceArn: ArchiveArn,
      EventStartTime: from,
      EventEndTime: until,
      Destination: { Arn: EventSourceArn, ...(rules && { FilterArns: rules.map(toArn) }) },
    }),
    call,
  );
}
