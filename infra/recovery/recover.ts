import { createTeller, type Telling } from '../tell.ts';

/** A table of the stack: what it is called by CloudFormation, and in DynamoDB. */
export type TableName = { readonly logicalId: string; readonly name: string };

/** What a backup does not bring back, and the template says. */
export type TableSettings = {
  readonly isProtected: boolean;
  readonly hasStream: boolean;
  readonly tags: Readonly<Record<string, string>>;
};

export type Backup = {
  readonly arn: string;
  /** milliseconds since the epoch */
  readonly madeAt: number;
};

/** The deployed stage. Whatever changes something may be repeated. */
export type Stage = {
  /** CloudFormation's word for how the stack stands */
  readStatus(): Promise<string>;
  readTables(): Promise<readonly TableName[]>;
  readSettings(logicalId: string): Promise<TableSettings>;
  /** DynamoDB's word for how the table stands; undefined if there is none */
  readTable(name: string): Promise<string | undefined>;
  /** The newest backup that DynamoDB made of the table when it was deleted. */
  findBackup(name: string): Promise<Backup | undefined>;
  /** Begins to restore a backup under the table's own name. */
  restore(name: string, backup: string): Promise<void>;
  /** Begins to restore the table as it was at that time, or as late as it can be, under another name. */
  restoreAt(name: string, target: string, at: Date | undefined): Promise<void>;
  /** Sets one thing that is not as it has to be, and says what; undefined once all is well. */
  mend(name: string, settings: TableSettings): Promise<string | undefined>;
  /** Whether the changes of the ledger's stream reach the function that publishes them. */
  isPublishing(): Promise<boolean>;
  /** Has CloudFormation look at the ledger's table again, and give its new stream to the function. */
  refreshStream(): Promise<void>;
  /** Gives the new stream to the function without CloudFormation. */
  attachStream(): Promise<void>;
  /** Has the uploads that ended since the ledger's backup published, whether or not they were before. */
  publishSinceBackup(): Promise<number>;
};

export type Recovery = Telling & {
  readonly stage: Stage;
  readonly pause: (ms: number) => Promise<unknown>;
};

/** Why a table cannot be restored, and what to do. */
export class CannotRestore extends Error {
  override readonly name = 'CannotRestore';
}

const LOOK_EVERY_MS = 2_000;
const LEDGER = 'LedgerTable';

/**
 * Brings back the tables of a stage that were deleted, under the names that they had, from the backups that
 * DynamoDB makes of a table when it is deleted; then sets what no backup has, and has changes published
 * again. Where it stands is in the account only, so it may be killed at any point, and run again.
 * @returns how many tables were missing
 */
export async function recover(
  recovery: Recovery,
  { backup, isDryRun = false }: { readonly backup?: string | undefined; readonly isDryRun?: boolean } = {},
): Promise<number> {
  const { stage, report, now } = recovery;
  await awaitStack(recovery);
  const tables = await stage.readTables();
  const missing: TableName[] = [];
  for (const table of tables) if ((await stage.readTable(table.name)) === undefined) missing.push(table);
  if (backup !== undefined && missing.length !== 1) {
    throw new CannotRestore(
      `A backup is named, and ${missing.length} tables are missing: it can be of one only.`,
    );
  }
  const found = new Map<string, string>();
  for (const { logicalId, name } of missing) {
    const newest = backup === undefined ? await stage.findBackup(name) : { arn: backup, madeAt: now() };
    if (newest === undefined) {
      throw new CannotRestore(
        `There is no backup ${name}$DeletedTableBackup: point-in-time recovery was off, or it is older than 35 days. Name another one of the table with --backup <arn>.`,
      );
    }
    found.set(name, newest.arn);
    const when = backup === undefined ? ` of ${new Date(newest.madeAt).toISOString()}` : '';
    report(
      `${logicalId} (${name}) is missing; ${isDryRun ? 'there is' : 'it is restored from'} a backup${when}.`,
    );
  }
  if (missing.length === 0)
    report(`No table is missing: ${tables.map(({ logicalId }) => logicalId).join(', ')}.`);
  if (isDryRun) return missing.length;

  for (const { name } of missing) await stage.restore(name, found.get(name) ?? '');
  for (const { logicalId, name } of tables) {
    await awaitTable(recovery, name);
    await mendTable(recovery, { logicalId, name });
  }
  await publishAgain(recovery);
  return missing.length;
}

/**
 * Restores a table as it was at a time, under a name beside its own. Its rows can be brought back from there.
 * @returns that name
 */
export async function restoreBeside(
  recovery: Recovery,
  {
    target,
    logicalId = LEDGER,
    at,
    isDryRun = false,
  }: {
    readonly target: string;
    readonly logicalId?: string;
    readonly at?: Date | undefined;
    readonly isDryRun?: boolean;
  },
): Promise<void> {
  const { stage, report } = recovery;
  const table = (await stage.readTables()).find((one) => one.logicalId === logicalId);
  if (table === undefined || (await stage.readTable(table.name)) === undefined) {
    throw new CannotRestore(`${logicalId} is gone: leave --at out, and it comes back from its last backup.`);
  }
  const when = at === undefined ? 'as late as it can be' : at.toISOString();
  report(`${table.name} ${isDryRun ? 'would be' : 'is'} restored as ${target}, ${when}.`);
  if (isDryRun) return;
  if ((await stage.readTable(target)) === undefined) await stage.restoreAt(table.name, target, at);
  await awaitTable(recovery, target);
}

async function awaitStack({ stage }: Recovery): Promise<void> {
  const status = await stage.readStatus();
  if (status.endsWith('_IN_PROGRESS')) {
    throw new CannotRestore(`The stack is being changed (${status}). Wait for its end, then run this again.`);
  }
}

async function awaitTable(recovery: Recovery, name: string): Promise<void> {
  const tell = createTeller(recovery);
  for (;;) {
    const status = await recovery.stage.readTable(name);
    if (status === 'ACTIVE') return;
    tell(`  ${name}: ${status ?? 'not there yet'}`);
    await recovery.pause(LOOK_EVERY_MS);
  }
}

async function mendTable(
  { stage, report, pause, ...rest }: Recovery,
  { logicalId, name }: TableName,
): Promise<void> {
  const settings = await stage.readSettings(logicalId);
  for (;;) {
    const mended = await stage.mend(name, settings);
    if (mended === undefined) return;
    report(`  ${logicalId}: ${mended}`);
    await pause(LOOK_EVERY_MS);
    await awaitTable({ stage, report, pause, ...rest }, name);
  }
}

async function publishAgain(recovery: Recovery): Promise<void> {
  const { stage, report, pause } = recovery;
  if (await stage.isPublishing()) return;
  // Functions wrote to the table before it had a stream. The next step is the mark that this is done.
  report(`${await stage.publishSinceBackup()} uploads ended since the backup: their events are published.`);
  report('publish-events reads the stream of the table that is gone: CloudFormation gives it the new one.');
  await stage.refreshStream();
  const tell = createTeller(recovery);
  for (
    let status = await stage.readStatus();
    status.endsWith('_IN_PROGRESS');
    status = await stage.readStatus()
  ) {
    tell(`  CloudFormation: ${status}`);
    await pause(LOOK_EVERY_MS);
  }
  if (await stage.isPublishing()) return;
  report(
    'CloudFormation did not: the stream is given to the function without it. The next deployment may need help.',
  );
  await stage.attachStream();
}
