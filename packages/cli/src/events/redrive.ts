import { EXIT, type ExitCode } from '../exit.ts';
import type { Options } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import type { World } from '../world.ts';
import { DRY_RUN_OPTION, parseAlone, STACK_OPTIONS } from './options.ts';
import { openStack } from './stack.ts';

const REDRIVE_OPTIONS = {
  ...STACK_OPTIONS,
  ...DRY_RUN_OPTION,
} as const satisfies Options;

/** Sends again what waits in the dead-letter queue of events. */
export async function redrive(argv: readonly string[], world: World): Promise<ExitCode> {
  const values = parseAlone(argv, REDRIVE_OPTIONS);
  const { name, session } = await openStack(values, world);
  using opened = session;
  const { createSQSClient } = await import('@sluice/connection/clients/sqs');
  const { countMessages, moveMessages } = await import('@sluice/connection/move-messages');
  const client = opened.client(createSQSClient);
  const [from, to] = [`${name}-event-dead-letters`, `${name}-event-retries`];
  if (values['dry-run']) {
    const waiting = await countMessages(client, from, world.signal);
    if (values.json) printJson(world.stdout, { waiting });
    else printLine(world.stdout, `${waiting} in ${from}. Nothing was sent.`);
    return EXIT.ok;
  }
  const moved = await moveMessages({
    client,
    from,
    to,
    onProgress: (count) => {
      if (!values.json && count % 100 === 0) printLine(world.stderr, `${count} sent`);
    },
    signal: world.signal,
  });
  if (values.json) printJson(world.stdout, { sent: moved });
  else {
    printLine(world.stdout, `${moved} sent again.`);
    if (moved > 0) printLine(world.stderr, 'What cannot be published is back in the queue within minutes.');
  }
  return EXIT.ok;
}
