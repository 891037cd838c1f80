import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { REFUSALS } from '@sluice/contract/refusals';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

type Metric = {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly object[];
};
type Query = { readonly Id: string; readonly Expression?: string; readonly MetricStat?: { Metric: Metric } };
type Properties = Partial<Metric> & {
  readonly AlarmDescription?: string;
  readonly AlarmRule?: string;
  readonly TreatMissingData?: string;
  readonly AlarmActions?: unknown;
  readonly OKActions?: unknown;
  readonly Metrics?: readonly Query[];
};
type Resource = { readonly Type: string; readonly Properties: Properties };

// Queues whose messages are dropped on purpose, or end in a queue of dead letters.
const DEAD_LETTERS = /(?:DeadLetter|BatchFailure)Queue$/;

function setup() {
  const files = readdirSync('infra').filter((name) => name.endsWith('.yml'));
  const all = files.flatMap((name) => {
    // CloudFormation's own tags mean nothing here: `!GetAtt A.Arn` reads as "A.Arn".
    const { Resources } = parse(readFileSync(join('infra', name), 'utf8'), {
      logLevel: 'silent',
      merge: true,
      maxAliasCount: -1,
    });
    return Object.entries<Resource>(Resources ?? {});
  });
  const ofAlarms = all.filter(([, { Type }]) => /^AWS::CloudWatch::(?:Composite)?Alarm$/.test(Type));
  const isSignal = ([name]: readonly [string, Resource]) => name.endsWith('Signal');
  // Those of questions are held by test/unit/drills.test.ts.
  const [ringing = ''] = readFileSync('docs/runbook.md', 'utf8').split('\n## Questions\n');
  const sections = [...ringing.matchAll(/^### (.+)$/gm)].map(([, title = '']) => title);
  const [, table = ''] = readFileSync('docs/operating.md', 'utf8').split('\n## Metrics\n');
  return {
    alarms: ofAlarms.filter((alarm) => !isSignal(alarm)),
    signals: ofAlarms.filter(isSignal),
    deadLetters: all.map(([name]) => name).filter((name) => DEAD_LETTERS.test(name)),
    sections,
    metricsDocumented: new Set<string | undefined>([
      ...[...(table.split('\n## ')[0] ?? '').matchAll(/`([A-Z]\w+)`/g)].map(([, name]) => name),
    ]),
  };
}

/** Every metric that an alarm looks at. */
function metricsOf({ Properties }: Resource): readonly Metric[] {
  const { Metrics = [], Namespace, MetricName, Dimensions = [] } = Properties;
  const queried = Metrics.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : []));
  return Namespace !== undefined && MetricName !== undefined && Metrics.length === 0
    ? [{ Namespace, MetricName, Dimensions }]
    : queried;
}

const { alarms, signals, deadLetters, sections, metricsDocumented } = setup();

describe('docs/runbook.md', () => {
  test('has a section for each alarm, and before the questions for nothing else', () => {
    expect([...sections].sort()).toEqual(alarms.map(([name]) => name).sort());
  });
});

describe('each alarm', () => {
  test.each(alarms)('%s says what it means, and names its section', (name, { Properties }) => {
    expect(Properties.AlarmDescription).toMatch(
      new RegExp(`^[A-Z].+\\. docs/runbook\\.md#${name.toLowerCase()}$`),
    );
  });

  test.each(alarms)('%s tells the topic when it begins and when it ends', (_name, { Properties }) => {
    expect(Properties.AlarmActions).toEqual(['HasAlarmTopic', [`\${param:alarmTopic}`], 'AWS::NoValue']);
    expect(Properties.OKActions).toEqual(Properties.AlarmActions);
  });

  test.each([...alarms, ...signals].filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm'))(
    '%s says what it makes of missing figures',
    (name, { Properties }) => {
      expect(Properties.TreatMissingData).toBe(name === 'SweepMissingAlarm' ? 'breaching' : 'notBreaching');
    },
  );

  test.each([...alarms, ...signals])(
    '%s looks at ten metrics at most, and at none that nobody writes',
    (_name, alarm) => {
      const metrics = metricsOf(alarm);
      expect(metrics.length).toBeLessThanOrEqual(10);
      const own = metrics
        .filter(({ Namespace }) => Namespace === 'Sluice')
        .map(({ MetricName }) => MetricName);
      expect(own.filter((name) => !metricsDocumented.has(name))).toEqual([]);
    },
  );

  test.each(signals)('the signal %s is part of an alarm that exists', (name, { Properties }) => {
    const [, whole = ''] = /Part of (\w+)\.$/.exec(Properties.AlarmDescription ?? '') ?? [];
    const [, alarm] = alarms.find(([other]) => other === whole) ?? [];
    expect(alarm?.Properties.AlarmRule).toContain(`ALARM("\${${name}}")`);
    expect(Properties).not.toHaveProperty('AlarmActions');
  });
});

test('every queue of dead letters has an alarm', () => {
  const watched = alarms.flatMap(([, alarm]) => metricsOf(alarm)).map((metric) => JSON.stringify(metric));
  expect(deadLetters.length).toBeGreaterThan(3);
  expect(
    deadLetters.filter((queue) => !watched.some((text) => text.includes(`"${queue}.QueueName"`))),
  ).toEqual([]);
});

test('the alarm of quotas looks at codes that exist', () => {
  const [, alarm] = alarms.find(([name]) => name === 'QuotaRefusalsAlarm') ?? [];
  const codes = [...JSON.stringify(alarm).matchAll(/"code","Value":"(\w+)"/g)].map(([, code = '']) => code);
  expect(codes.filter((code) => !Object.hasOwn(REFUSALS, code))).toEqual([]);
});

describe('the dashboard', () => {
  const dashboard = createRequire(import.meta.url)('../../../infra/dashboard.cjs');

  test('shows metrics that somebody writes, of this stage', async () => {
    const { body } = await dashboard({ resolveVariable: async () => 'prod' });
    const { widgets } = JSON.parse(body);
    const shown = [...body.matchAll(/\["Sluice","(\w+)","service","sluice","stage","(\w+)"/g)];
    expect(shown.length).toBeGreaterThan(20);
    expect(shown.filter(([, name]) => !metricsDocumented.has(name))).toEqual([]);
    expect(new Set(shown.map(([, , stage]) => stage))).toEqual(new Set(['prod']));
    expect(widgets.every(({ x, width }: { x: number; width: number }) => x + width <= 24)).toBe(true);
  });

  test('shows every queue of dead letters', async () => {
    const { body } = await dashboard({ resolveVariable: async () => 'prod' });
    expect(deadLetters.filter((queue) => !body.includes(`\${${queue}.QueueName}`))).toEqual([]);
  });
});
