import { describe, expect, test } from 'vitest';
import { choosePython, explainNoPython, type Python } from '../../../local/python.ts';

function python(command: string, version: string, hasVenv = true): Python {
  return { command, version, hasVenv };
}

describe('choosing a Python', () => {
  test('takes the first that is new enough, which is the machine’s own choice', () => {
    const own = python('python3', '3.11.2');
    expect(choosePython([own, python('python3.13', '3.13.0')])).toBe(own);
  });

  test('passes over one that is too old', () => {
    const newer = python('python3.12', '3.12.1');
    expect(choosePython([python('python3', '3.9.18'), newer])).toBe(newer);
  });

  test('passes over one that cannot make a virtual environment', () => {
    const whole = python('python3.12', '3.12.1');
    expect(choosePython([python('python3', '3.11.2', false), whole])).toBe(whole);
  });

  test.each([
    ['3.10.0', true],
    ['3.9.99', false],
    ['2.7.18', false],
    ['4.0.0', true],
  ])('compares versions by number: %s is new enough: %s', (version, serves) => {
    expect(choosePython([python('python3', version)]) !== undefined).toBe(serves);
  });
});

describe('explaining that no Python serves', () => {
  test('names the package to install when only the venv module is missing', () => {
    expect(explainNoPython([python('python3', '3.11.2', false)])).toContain('apt-get install python3-venv');
  });

  test('names the versions that are too old', () => {
    const found = [python('python3', '3.8.18'), python('python', '2.7.18')];
    expect(explainNoPython(found)).toBe('Python 3.8.18, 2.7.18 is too old; MiniStack needs 3.10 or newer.');
  });

  test('says so when there is none', () => {
    expect(explainNoPython([])).toBe('There is no Python 3.10 or newer on the PATH.');
  });
});
