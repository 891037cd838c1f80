import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createTell, RECORD_FIELDS } from '../../../src/lib/log/deeds.ts';

const HANDLERS = 'src/handlers';

/** The SQL of the page, and what functions write. */
function setup() {
  const page = readFileSync('docs/operating.md', 'utf8');
  const [create = '', select = ''] = [...page.matchAll(/```sql\n([\s\S]+?)```/g)].map(([, sql = '']) => sql);
  const [, list = ''] =
    /^CREATE EXTERNAL TABLE (?:\w+) \(\n([\s\S]+?)\n\)\nPARTITIONED BY/.exec(create) ?? [];
  const columns = new Map(
    list.split(',\n').map((line) => {
      const [, name = '', type = ''] = /^ {2}`?(\w+)`? (string|bigint|int)$/.exec(line) ?? [];
      return [name, type] as const;
    }),
  );
  const telling = readdirSync(HANDLERS)
    .map((name) => ({ name: name.replace('.ts', ''), text: readFileSync(join(HANDLERS, name), 'utf8') }))
    .filter(({ text }) => text.includes('/log/deeds.ts'));
  return { create, select, columns, telling };
}

/** The fields that every record has, by writing one of each kind of caller. */
function commonFields(): readonly string[] {
  const records: object[] = [];
  const tell = createTell({
    isKept: true,
    now: () => 0,
    write: (line) => records.push(JSON.parse(line)),
    functionName: 'f',
  });
  const owner = { tenant: 'acme', subject: 'ada' };
  for (const caller of [
    { kind: 'service', client: 'c', scopes: [] },
    { kind: 'grant', grantId: 'g', ...owner },
  ] as const) {
    tell('upload requested', { caller, requestContext: { requestId: 'r' } }, {});
  }
  return [...new Set(records.flatMap(Object.keys)), 'who'];
}

describe('the audit trail in Athena', () => {
  test('has a column for each field of a record, and no other', () => {
    const { columns } = setup();
    const fields = new Set([...commonFields(), ...RECORD_FIELDS].map((name) => name.toLowerCase()));
    // The mark and the level are the same in all.
    for (const same of ['audit', 'level']) fields.delete(same);
    expect([...columns.keys()].sort()).toEqual([...fields].sort());
    expect([...columns.values()]).not.toContain('');
  });

  test('is asked for columns that it has', () => {
    const { select, columns } = setup();
    const [, list = ''] = /^SELECT DISTINCT (.+)\nFROM sluice_audit\nWHERE/.exec(select) ?? [];
    const asked = [...list.split(', '), ...(/(\w+) = '/.exec(select)?.slice(1) ?? [])];
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.map((name) => name.replaceAll('"', '')).filter((name) => !columns.has(name))).toEqual([]);
  });

  test('is divided by day, as Firehose writes it', () => {
    const { create } = setup();
    const { Resources } = parse(readFileSync('infra/audit.yml', 'utf8'), {
      merge: true,
      logLevel: 'silent',
      maxAliasCount: -1,
    });
    const { Prefix } = Resources.AuditStream.Properties.ExtendedS3DestinationConfiguration;
    expect(Prefix).toBe('audit/!{timestamp:yyyy/MM/dd}/');
    expect(create).toContain("'projection.day.format' = 'yyyy/MM/dd'");
    expect(create).toContain("'storage.location.template' = 's3://AUDIT_BUCKET/audit/$" + "{day}/'");
  });

  test('hears of every function that tells deeds, and of no other', () => {
    const { telling } = setup();
    const groups = [...readFileSync('infra/audit.yml', 'utf8').matchAll(/LogGroupName: !Ref (\w+)LogGroup/g)];
    const heard = groups.map(([, name = '']) => name.replaceAll('Dash', '-').toLowerCase());
    expect(heard.sort()).toEqual(telling.map(({ name }) => name).sort());
  });
});
