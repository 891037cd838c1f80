import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { countsOf, MOST_COMMANDS, toLocal } from '../drills/command.ts';
import { DRILLS } from '../drills/drills.ts';
import { parseWish } from '../drills/options.ts';
import { toTable } from '../drills/result.ts';

/** What has to be drilled, in this order. */
const NAMES = [
  'lost-notification',
  'stuck-verification',
  'dead-letters',
  'orphans',
  'wrongly-rejected',
  'erasure',
  'who-read',
  'flood',
  'bad-deployment',
  'lost-table',
  'key-rotation',
  'retention',
  'upgrade',
];
/** The sections of the runbook, by their headings. */
function setup() {
  const text = readFileSync('docs/runbook.md', 'utf8');
  const [, questions = ''] = text.split('\n## Questions\n');
  const headingsOf = (part: string) => [...part.matchAll(/^### (.+)$/gm)].map(([, heading = '']) => heading);
  const sections = new Map(
    text.split(/^###? /m).map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      return [heading, lines];
    }),
  );
  return { sections, questions: headingsOf(questions), page: readFileSync('docs/drills.md', 'utf8') };
}

/** The lines of a section that a shell would run, without their comments. */
function commandsIn(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/ +# .*$/, '').trim());
}

test('the drills are those that were asked for, in this order', () => {
  expect(DRILLS.map(({ name }) => name)).toEqual(NAMES);
});

describe('docs/runbook.md', () => {
  test.each(DRILLS)('has the commands of $name in the section of its symptom', ({ symptom, commands }) => {
    const lines = setup().sections.get(symptom);
    expect(lines, `a section ${symptom}`).toBeDefined();
    expect(commandsIn(lines ?? [])).toEqual(expect.arrayContaining([...commands]));
  });

  test('answers no question that is not drilled', () => {
    const symptoms = DRILLS.map(({ symptom }) => symptom);
    expect(setup().questions.filter((heading) => !symptoms.includes(heading))).toEqual([]);
  });
});

describe('docs/drills.md', () => {
  test.each(DRILLS)('has a row for $name', ({ name, title, symptom }) => {
    const row = setup()
      .page.split('\n')
      .find((line) => line.startsWith(`| \`${name}\`: ${title} |`));
    expect(row).toContain(symptom);
    expect(row).toMatch(/\| [1-3] \| [\d,.]+ \| \d{4}-\d{2}-\d{2} \|$/);
  });
});

test.each(DRILLS)('$name takes three commands at most, and at least one', ({ commands }) => {
  expect(commands.length).toBeGreaterThan(0);
  expect(commands.length).toBeLessThanOrEqual(MOST_COMMANDS);
});

describe('a command of the runbook', () => {
  test('is for the local stage, with its names filled in as words of a shell', () => {
    const command = 'npx sluice admin erase --owner <owner> --certificate <file> --stage prod';
    expect(toLocal(command, { owner: "it's ada", file: '/tmp/a.json' })).toBe(
      "npx sluice admin erase --owner 'it'\\''s ada' --certificate /tmp/a.json --stage local",
    );
  });

  test('is not run with a name that was not filled in', () => {
    expect(() => toLocal('npx sluice admin show <id> --stage prod', {})).toThrow('<id>');
  });
});

describe('the sum of a command', () => {
  test('is read from its last line, whatever follows as notes', () => {
    const out = 'announced     a  It is requested.\n200 announced, 3 not there.\nA note, of 7 days.\n';
    expect(countsOf({ out })).toEqual({ announced: 200, 'not there': 3 });
    expect(countsOf({ out: '1 sent. Nothing was changed.\n' })).toEqual({ sent: 1 });
  });

  test('is empty where nothing was done', () => {
    expect(countsOf({ out: 'nothing.\n' })).toEqual({});
  });
});

describe('npm run drills', () => {
  const [first] = DRILLS;

  test('makes all of them, or those that are named', () => {
    expect(parseWish([], DRILLS).drills).toEqual(DRILLS);
    expect(parseWish([first?.name ?? ''], DRILLS).drills).toEqual([first]);
  });

  test('refuses a name that is no drill’s and an option that it does not know, and says which there are', () => {
    expect(() => parseWish(['fire'], DRILLS)).toThrow(/no drill "fire".*lost-notification/);
    expect(() => parseWish(['--all'], DRILLS)).toThrow(/--all[\s\S]*--list/);
  });

  test('ends with a table that says which drill failed', () => {
    const commands = [{ command: 'npx sluice …', seconds: 1 }];
    const lines = toTable([
      { name: 'one', symptom: 'AnAlarm', commands, seconds: 2.34 },
      { name: 'another', symptom: 'A question?', commands: [], failure: 'no' },
    ]).split('\n');
    expect(lines).toEqual([
      'drill    symptom      commands  seconds  ended',
      'one      AnAlarm      1         2.3      well',
      'another  A question?  0                  FAILED',
    ]);
  });
});
