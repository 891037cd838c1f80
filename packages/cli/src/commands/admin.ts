import { ADOPT_OPTIONS, adopt } from '../admin/adopt.ts';
import { ANNOUNCE_OPTIONS, announce } from '../admin/announce.ts';
import { AUDIT_OPTIONS, audit } from '../admin/audit.ts';
import { setBlock } from '../admin/block.ts';
import { ERASE_OPTIONS, erase } from '../admin/erase.ts';
import { EXPORT_OPTIONS, exportOwner } from '../admin/export.ts';
import { ADMIN_STACK_OPTIONS, WORK_OPTIONS } from '../admin/options.ts';
import { RECONCILE_OPTIONS, reconcile } from '../admin/reconcile.ts';
import { REDRIVE_OPTIONS, redriveQueue } from '../admin/redrive.ts';
import { REJUDGE_OPTIONS, rejudge } from '../admin/rejudge.ts';
import { rescan } from '../admin/rescan.ts';
import { RESTORE_OPTIONS, restore } from '../admin/restore.ts';
import { SHOW_OPTIONS, show } from '../admin/show.ts';
import { USAGE_OPTIONS, usage } from '../admin/usage.ts';
import type { Command } from '../command.ts';
import { type Family, runOf } from '../family.ts';
import type { Options } from '../options.ts';

const OPTIONS = {
  ...ADMIN_STACK_OPTIONS,
  ...WORK_OPTIONS,
  ...SHOW_OPTIONS,
  ...ANNOUNCE_OPTIONS,
  ...REDRIVE_OPTIONS,
  ...REJUDGE_OPTIONS,
  ...RECONCILE_OPTIONS,
  ...RESTORE_OPTIONS,
  ...EXPORT_OPTIONS,
  ...ERASE_OPTIONS,
  ...USAGE_OPTIONS,
  ...ADOPT_OPTIONS,
  ...AUDIT_OPTIONS,
} as const satisfies Options;

const FAMILY: Family = {
  show,
  announce,
  redrive: redriveQueue,
  rejudge,
  rescan,
  reconcile,
  restore,
  erase,
  export: exportOwner,
  block: setBlock('block'),
  unblock: setBlock('unblock'),
  usage,
  adopt,
  audit,
};

export const admin: Command = {
  name: 'admin',
  summary: 'for operators: look into a deployment, and mend it',
  usage:
    'show | announce | redrive | rejudge | rescan | reconcile | restore | erase | export |\n       block | unblock | usage | adopt | audit [options]',
  details:
    'show       one upload by its id, its key, or a request or message id of the log: its row, its objects, its messages,\n' +
    '           its log lines, and what to do next\n' +
    'announce   has uploads verified whose notification was lost: those named, or with --stuck all that wait\n' +
    'redrive    sends dead letters of arrivals, events, webhooks or scans again by cause, and sets poison aside\n' +
    'rejudge    has rejected files judged again by the policies of today: those named, or by --policy and --since; frees what is held\n' +
    'rescan     asks the scanners about accepted files again: those named, all, or by --policy and --since\n' +
    'reconcile  compares buckets and ledger, both ways; --repair has them mended\n' +
    'restore    brings back lost rows from the --table that a backup was restored into\n' +
    'erase      removes all uploads of an --owner or a --tenant, and their grants\n' +
    'export     writes the rows and files of an --owner or a --tenant into a folder\n' +
    'block      takes nothing new from an --owner or a --tenant, at once; unblock ends that\n' +
    'usage      what an --owner or a --tenant has; counts it again, or sets limits of their own\n' +
    'adopt      brings in the objects of another bucket, s3://bucket/prefix, by a --policy and as of an --owner\n' +
    'audit      who did what with an upload, or what a person did: the audit trail, as far as the logs have it\n\n' +
    'They invoke the function administer of the stack with the keys of your environment, and IAM says whether you may:\n' +
    'docs/admin.md. All but show and audit work page by page, can be stopped and resumed, and change nothing with --dry-run. With\n' +
    '--json they write a line for each thing that they did, and then one with the counts.',
  options: OPTIONS,
  examples: [
    [
      'sluice admin show 34340c23-051e-14db-0628-27fa2f069f97 --stage prod',
      'tells all that is known of an upload',
    ],
    [
      'sluice admin show JKJaXmPLvHcESHA= --stage prod',
      'finds the upload by the request id of an error message',
    ],
    [
      'sluice admin announce --stuck --stage prod --dry-run',
      'counts what waits in incoming for more than 5 minutes',
    ],
    ['sluice admin announce --stuck --stage prod', 'has it verified now'],
    ['sluice admin redrive arrivals --stage prod', 'has verified what had failed too often'],
    [
      'sluice admin rejudge --policy images --since 2d --reason type_not_allowed --stage prod',
      'has judged again what a mistake in a policy rejected',
    ],
    ['sluice admin erase --tenant acme --owner ada --certificate ada.json --stage prod', 'forgets somebody'],
  ],
  run: runOf('admin', FAMILY, OPTIONS),
};
