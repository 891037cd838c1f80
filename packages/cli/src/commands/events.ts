import type { Command } from '../command.ts';
import { LIST_OPTIONS, listEvents } from '../events/list.ts';
import { LISTEN_OPTIONS, listen } from '../events/listen.ts';
import { redrive } from '../events/redrive.ts';
import { REPLAY_OPTIONS, replay } from '../events/replay.ts';
import { type Family, runOf } from '../family.ts';
import type { Options } from '../options.ts';

const OPTIONS = { ...LIST_OPTIONS, ...REPLAY_OPTIONS, ...LISTEN_OPTIONS } as const satisfies Options;

const FAMILY: Family = {
  list: listEvents,
  listen,
  replay,
  redrive,
};

export const events: Command = {
  name: 'events',
  summary: 'list what happened to uploads, forward it, replay it',
  usage: 'list | listen | replay | redrive [options]',
  details:
    'list      what happened, oldest first; in the last 24 hours unless --since says otherwise\n' +
    'listen    forwards each event to an address of yours, as a signed webhook\n' +
    'replay    has EventBridge send the events of its archive again, with the same ids\n' +
    'redrive   sends again what waits in the dead-letter queue of events\n\n' +
    'list and listen read the API as a service: that of SLUICE_CLIENT_ID, or the one that the local stack has. replay and\n' +
    'redrive act on AWS itself, with the keys of your environment. list --json writes a line for each event.',
  options: OPTIONS,
  examples: [
    ['sluice events list --since 2h', 'lists the last two hours'],
    ['sluice events list --follow --json | jq -r .subject', 'gives the id of each upload as it is settled'],
    [
      'sluice events listen --forward http://localhost:3000/hook',
      'brings events to the app that you are writing',
    ],
    ['sluice events replay --since 2026-11-20 --dry-run', 'counts what would be sent again'],
    ['sluice events replay --since 3h --rule invoices --stack sluice-prod', 'sends it again, to one rule'],
    ['sluice events redrive --stack sluice-prod', 'sends again what could not be published'],
  ],
  run: runOf('events', FAMILY, OPTIONS),
};
