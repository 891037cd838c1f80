import { describe, expect, test } from 'vitest';
import { Obstacle } from '../../../local/obstacle.ts';
import { parseOptions, usage } from '../../../local/options.ts';

function parse(argv: readonly string[]) {
  return parseOptions(argv, '/home/ada/app');
}

describe('the command line of npm start', () => {
  test('begins on port 4566 with the data kept when nothing is said', () => {
    expect(parse([])).toEqual({
      port: 4566,
      fresh: false,
      verbose: false,
      help: false,
      issuer: undefined,
      policies: undefined,
      webhook: undefined,
      scan: [],
    });
  });

  test('takes every option that the usage names', () => {
    expect(parse(['--port', '5000', '--fresh', '--verbose', '--help'])).toMatchObject({
      port: 5000,
      fresh: true,
      verbose: true,
      help: true,
    });
    for (const option of [
      '--port',
      '--fresh',
      '--verbose',
      '--issuer',
      '--audience',
      '--policies',
      '--webhook',
      '--scan',
      '--help',
    ]) {
      expect(usage).toContain(option);
    }
  });

  test.each(['--prot', '-x', 'now'])('names %s and shows the usage when it does not know it', (argument) => {
    const refused = () => parse([argument]);
    expect(refused).toThrow(Obstacle);
    expect(refused).toThrow(`'${argument}'`);
    expect(refused).toThrow(usage);
  });

  test.each(['0', '65536', '-1', '4566.5', '0x10', 'http', ''])(
    'refuses "%s" as a port and quotes it',
    (port) => {
      expect(() => parse([`--port=${port}`])).toThrow(`not "${port}"`);
    },
  );

  test('takes an audience of services beside that of users', () => {
    const issuer = ['--issuer', 'http://localhost:3000', '--audience', 'uploads'];
    expect(parse([...issuer, '--service-audience', 'backends']).issuer).toEqual({
      url: 'http://localhost:3000',
      audience: 'uploads',
      serviceAudience: 'backends',
    });
  });

  test('takes another issuer together with its audience', () => {
    expect(parse(['--issuer', 'http://localhost:3000', '--audience', 'uploads']).issuer).toEqual({
      url: 'http://localhost:3000',
      audience: 'uploads',
    });
  });

  test.each([
    [['--issuer', 'http://localhost:3000'], '--issuer needs --audience'],
    [['--issuer', 'http://localhost:3000', '--audience', ''], '--issuer needs --audience'],
    [['--audience', 'uploads'], '--audience is of another issuer: name that with --issuer'],
    [['--service-audience', 'backends'], '--service-audience is of another issuer'],
    [
      ['--issuer', 'http://localhost:3000', '--audience', 'uploads', '--service-audience', 'uploads'],
      'users and services differ',
    ],
    [['--issuer', 'localhost:3000', '--audience', 'uploads'], 'not "localhost:3000"'],
    [['--issuer', 'login', '--audience', 'uploads'], 'not "login"'],
  ])('refuses %j and says what is wanted', (argv, message) => {
    expect(() => parse(argv)).toThrow(Obstacle);
    expect(() => parse(argv)).toThrow(message);
  });

  test('takes a file of policies by its path from where the person stands', () => {
    expect(parse(['--policies', 'policies.ts']).policies).toBe('/home/ada/app/policies.ts');
    expect(parse(['--policies', '/etc/policies.ts']).policies).toBe('/etc/policies.ts');
  });
});

describe('the address of a webhook', () => {
  test.each(['http://localhost:3000/hooks/sluice', 'https://app.example.com/hooks?team=1'])(
    'may be %s',
    (url) => {
      expect(parse(['--webhook', url]).webhook).toBe(url);
    },
  );

  test.each([
    'localhost:3000',
    'ftp://localhost/',
    'http://user:pass@localhost/',
    'http://localhost/#part',
    '',
  ])('is refused as "%s", with one that would do', (url) => {
    expect(() => parse(['--webhook', url])).toThrow(Obstacle);
    expect(() => parse(['--webhook', url])).toThrow('http://localhost:3000/hooks/sluice');
  });
});

describe('the scanners', () => {
  test.each([
    ['clamav', ['clamav']],
    ['inspection,clamav', ['inspection', 'clamav']],
    ['clamav,clamav', ['clamav']],
    ['function', ['function']],
  ])('may be %s', (names, scan) => {
    expect(parse(['--scan', names]).scan).toEqual(scan);
  });

  test.each(['', 'virustotal', 'clamav, inspection', 'clamav,', 'guardduty'])(
    'are refused as "%s", with those that there are',
    (names) => {
      expect(() => parse(['--scan', names])).toThrow(Obstacle);
      expect(() => parse(['--scan', names])).toThrow('--scan takes clamav, inspection');
    },
  );
});
