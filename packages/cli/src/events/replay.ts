import { Complaint, UsageError } from '../complaint.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Options } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { printable } from '../text.ts';
import type { World } from '../world.ts';
import { openFeed, parseTypes, readEvents } from './feed.ts';
import { DRY_RUN_OPTION, EVENT_OPTIONS, parseAlone, parseTime, STACK_OPTIONS } from './options.ts';
import { openStack } from './stack.ts';

export const REPLAY_OPTIONS = {
  ...EVENT_OPTIONS,
  ...STACK_OPTIONS,
  until: { type: 'string', value: 'time', help: 'replay: to when; now when absent' },
  rule: {
    type: 'string',
    multiple: true,
    value: 'name',
    help: 'replay: only to this rule of the bus (repeatable); to all of them when absent',
  },
  ...DRY_RUN_OPTION,
} as const satisfies Options;

/** Has EventBridge send the events of its archive again, with the same ids. */
export async function replay(argv: readonly string[], world: World): Promise<ExitCode> {
  const values = parseAlone(argv, REPLAY_OPTIONS);
  const now = world.timing.now();
  if (values.since === undefined) throw new UsageError('`replay` needs --since.');
  const from = parseTime('since', values.since, now);
  const until = parseTime('until', values.until ?? '0s', now);
  if (from >= until) throw new UsageError('--until must be later than --since.');
  const types = parseTypes(values.type);
  if (values['dry-run']) {
    const counts: Record<string, number> = {};
    const api = await openFeed(values, world);
    for await (const { type, time } of readEvents(api, { since: from, types, follow: false }, world)) {
      if (Date.parse(time) < until.getTime()) counts[type] = (counts[type] ?? 0) + 1;
    }
    return tellCounts(counts, values.json === true, world);
  }
  if (types !== undefined) {
    throw new UsageError(
      'EventBridge cannot replay an archive by type: name the rules that are to get the events with --rule. --type is for --dry-run.',
    );
  }
  const { name, session } = await openStack(values, world);
  using opened = session;
  const { createEventBridgeClient } = await import('@sluice/connection/clients/eventbridge');
  const { replayArchive } = await import('@sluice/connection/replay');
  const replayName = `${name}-${now}`;
  let told = '';
  const end = await replayArchive({
    client: opened.client(createEventBridgeClient),
    archive: `${name}-events`,
    name: replayName,
    from,
    until,
    ...(values.rule && { rules: values.rule }),
    onProgress: (at) => {
      const line = toProgress(replayName, at);
      // EventBridge does not say at every look how far it is.
      if (!values.json && line !== told) printLine(world.stderr, line);
      told = line;
    },
    sleep: world.timing.sleep,
    signal: world.signal,
  });
  if (values.json) printJson(world.stdout, { replay: replayName, ...end });
  if (end.state === 'completed') {
    if (!values.json)
      printLine(world.stdout, `Replayed. Rules know its events by the replay-name ${replayName}`);
    return EXIT.ok;
  }
  throw new Complaint(
    `The replay ${replayName} has ${end.state === 'failed' ? 'failed' : 'been cancelled'}${end.reason === undefined ? '' : `: ${end.reason}`}.`,
  );
}

function toProgress(name: string, at: Date | undefined): string {
  return at === undefined
    ? `The replay ${name} is under way; it goes on if you press Ctrl-C.`
    : `Replayed up to ${at.toISOString()}`;
}

function tellCounts(types: Readonly<Record<string, number>>, json: boolean, world: World): ExitCode {
  const all = Object.values(types).reduce((sum, count) => sum + count, 0);
  if (json) printJson(world.stdout, { events: all, types });
  else {
    for (const [type, count] of Object.entries(types)) {
      printLine(world.stdout, `${String(count).padStart(8)}  ${printable(type)}`);
    }
    printLine(world.stdout, `${all} in all. Nothing was sent.`);
  }
  return EXIT.ok;
}
