import { extensionOf, extensionsOf } from '@sluice/contract/content-types';
import { flawOfExtension, flawOfName, toFilename, toServedName } from '@sluice/contract/filename';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { policies } from '../../../src/policies.ts';

const SHIPPED = Object.values(policies).flatMap(({ types }) => types);

function flawOf(name: string, type: string) {
  return flawOfName(name) ?? flawOfExtension(name, type);
}

// By what would go wrong. Each is tried with every type that a shipped policy takes.
const BITING: Readonly<Record<string, readonly string[]>> = {
  'is a program': [
    'photo.exe',
    'setup.msi',
    'saver.scr',
    'old.com',
    'old.pif',
    'panel.cpl',
    'app.appx',
    'lib.dll',
  ],
  'is a program in capitals': ['PHOTO.EXE', 'Invoice.Hta'],
  'is a script of Windows': [
    'a.bat',
    'a.cmd',
    'a.ps1',
    'a.psm1',
    'a.vbs',
    'a.vbe',
    'a.js',
    'a.jse',
    'a.wsf',
    'a.wsh',
    'a.hta',
  ],
  'is a script of Unix': ['a.sh', 'a.command', 'a.py', 'a.pl', 'a.rb', 'a.desktop', 'a.run', 'a.applescript'],
  'is run by a server': [
    'shell.php',
    'shell.phtml',
    'shell.phar',
    'shell.jsp',
    'shell.aspx',
    'shell.cgi',
    'shell.shtml',
  ],
  'is run by a browser': [
    'page.mht',
    'page.mhtml',
    'page.svgz',
    'page.xsl',
    'page.html',
    'page.svg',
    'page.xhtml',
  ],
  'leads elsewhere, or sets something': [
    'a.url',
    'a.lnk',
    'a.webloc',
    'a.rdp',
    'a.reg',
    'a.inf',
    'a.scf',
    'a.library-ms',
    'a.mobileconfig',
  ],
  'is mounted': ['disk.iso', 'disk.img', 'disk.vhd', 'disk.dmg'],
  'holds macros or asks other hosts': [
    'a.docm',
    'a.xlsm',
    'a.pptm',
    'a.xlam',
    'a.xll',
    'a.slk',
    'a.iqy',
    'a.one',
  ],
  'is run by another runtime': ['a.jar', 'a.jnlp', 'a.class', 'a.war', 'a.apk', 'a.swf', 'a.ipa'],
  'has the harmless extension before the other': [
    'a.pdf.js',
    'photo.png.exe',
    'a.txt.bat',
    'a..exe',
    'a. .exe',
  ],
  'has an extension of another width or a class id': ['a.ｅｘｅ', 'a.{00021401-0000-0000-c000-000000000046}'],
  'is hidden, or sets something where it lies': [
    '.htaccess',
    '.bashrc',
    '.env',
    '.png',
    '..png',
    '.user.ini',
  ],
  'has a meaning of its own': ['desktop.ini', 'Desktop.INI', 'autorun.inf', 'thumbs.db', 'web.config'],
  'is a device': [
    'con',
    'CON',
    'nul.txt',
    'aux.png',
    'prn',
    'com1',
    'com1.pdf',
    'LPT9.csv',
    'com¹.txt',
    'nul .txt',
    'ＣＯＮ',
    'conin$',
  ],
  'hides a second file': ['a.png:b.exe', 'a.txt::$DATA', ':'],
  'ends in what Windows drops': ['a.exe.', 'a.exe ', 'a.png.', 'a.png ', 'a.png\u00a0', 'a.exe\u2800'],
  'begins with a blank, which hides a dot': [' .htaccess', '\u00a0.bashrc', ' con'],
  'holds what cannot be seen': [
    'a.exe\u200b',
    'a\u200b.png',
    'a.p\u00adng',
    'a\u2060.txt',
    '\ufeffa.txt',
    'a\u3164.pdf',
    'a\u{e0041}.pdf',
    'a.png\ufe0f',
    'a\u200d.png',
  ],
  'turns the reading direction': ['photo\u202egnp.exe', 'a\u2066b.png', 'a\u200fb.png', 'a\u061cb.png'],
  'is a path': ['../../etc/passwd', 'C:\\a.png', 'a/b.png', 'a\\b.png', '..', '.'],
  'breaks a line or ends a text': [
    'a\r\nx: y.png',
    'a\u0000.png',
    'a\u0085.png',
    'a\u2028b.png',
    'a\u001b[2J.txt',
  ],
  'is no text': ['a\ud800.png', '', 'a'.repeat(252).concat('.png')],
};

const NAMES = Object.entries(BITING).flatMap(([why, names]) => names.map((name) => [why, name] as const));

describe('names that run or bite', () => {
  test.each(NAMES)('refuses a name that %s for every type: %j', (_why, name) => {
    const accepted = SHIPPED.filter((type) => flawOf(name, type) === undefined);
    expect(accepted).toEqual([]);
  });

  test('are at least sixty, no two alike', () => {
    expect(NAMES.length).toBeGreaterThanOrEqual(60);
    expect(new Set(NAMES.map(([, name]) => name)).size).toBe(NAMES.length);
  });

  test.each([
    ['photo.exe', 'image/jpeg', /\.exe can run .* image\/jpeg is named \.jpg, \.jpeg, .* or \.pjp\./],
    ['page.html', 'text/plain', /\.html stands for text\/html\. .* named \.txt, .* or one of \d+ others/],
    ['a.docx', 'application/zip', /\.docx stands for .* application\/zip is named \.zip\./],
  ])('are told what would do: %s as %s', (name, type, detail) => {
    expect(flawOf(name, type)?.detail).toMatch(detail);
  });
});

describe('honest names', () => {
  test.each([
    ['photo.JPG', 'image/jpeg'],
    ['IMG_0001.HEIC', 'image/heic'],
    ['IMG_0001.HEIC', 'image/heif'],
    ['photo.jfif', 'image/jpeg'],
    ['voice.webm', 'audio/webm'],
    ['voice.mp4', 'audio/mp4'],
    ['README.md', 'text/plain'],
    ['rows.csv', 'text/plain'],
    ['app.log', 'text/plain'],
    ['backup.tar.gz', 'application/gzip'],
    ['jquery.min.js.txt', 'text/plain'],
    ['setup.exe.pdf', 'application/pdf'],
    ['concert.txt', 'text/plain'],
    ['com10.txt', 'text/plain'],
    ['- notes #1 (final), 50% & “done”!.txt', 'text/plain'],
    ['Bildschirmfoto 2026-11-20 um 10.15.30.png', 'image/png'],
    ['Screenshot 2026-11-20 at 3.04.05\u202fPM.png', 'image/png'],
    ['Übersicht été 東京 Ελλάδα.pdf', 'application/pdf'],
    ['e\u0301te\u0301.pdf', 'application/pdf'],
    ['می\u200cخواهم.pdf', 'application/pdf'],
    ['ශ්\u200dරී.pdf', 'application/pdf'],
    ['葛\u{e0100}城.pdf', 'application/pdf'],
    ['👩\u200d👧 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3.png', 'image/png'],
    // What stands for nothing is no extension.
    ['report.2024', 'application/pdf'],
    ['data.v2', 'text/csv'],
    ['Dr. Smith', 'application/pdf'],
    ['photo.jpg.bak', 'image/jpeg'],
    ['Makefile', 'text/plain'],
    ['a', 'image/png'],
  ])('are taken: %j as %s', (name, type) => {
    expect(flawOf(name, type)).toBeUndefined();
    expect(toFilename(name)).toBe(name);
  });
});

describe('the name that a file is served under', () => {
  test.each([
    ['is its own', 'photo.jpeg', 'image/jpeg', 'photo.jpeg'],
    ['is its own in capitals', 'PHOTO.JPEG', 'image/jpeg', 'PHOTO.JPEG'],
    ['gets the extension that it lacks', 'report', 'application/pdf', 'report.pdf'],
    ['gets one behind what stands for nothing', 'report.2024', 'text/csv; charset=utf-8', 'report.2024.csv'],
    [
      'gets one behind an extension of another type, from before such were refused',
      'a.hta',
      'text/plain',
      'a.hta.txt',
    ],
    ['is no device', 'con', 'text/plain', '_con.txt'],
    [
      'is not longer than may be',
      'a'.repeat(255),
      'application/vnd.apache.parquet',
      `${'a'.repeat(247)}.parquet`,
    ],
  ])('%s: %j', (_how, name, type, expected) => {
    expect(toServedName(name, type)).toBe(expected);
  });
});

// Names out of what makes names go wrong, and of anything.
const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NAMES.map(([, name]) => name)) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '.',
      ' ',
      '..',
      '\u200d',
      '\ufe0f',
      '\u200c',
      '\u3000',
      'con',
      '.exe',
      ':',
      '👩',
      '\ud83d',
      'é',
      '_',
      // What is neither seen nor a base for what is written onto the character before.
      '\uffff',
      '\ufdd0',
      '\ufffb',
      '\u180b',
      '\u{e0100}',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...SHIPPED.flatMap(extensionsOf)).map((extension) => `.${extension}`),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
);
const anyName = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
const anyType = fc.constantFrom(...SHIPPED);

describe('for any name that a stranger could choose', () => {
  test('the served one has no flaw, and an extension of the type that it was accepted as', () => {
    fc.assert(
      fc.property(anyName, anyType, (name, type) => {
        const served = toServedName(name, type);
        expect(flawOf(served, type), served).toBeUndefined();
        expect(extensionsOf(type)).toContain(extensionOf(served));
        expect(toServedName(served, type)).toBe(served);
      }),
      { numRuns: 10_000 },
    );
  });

  test('what was taken at the door is served as it is, or with one extension more', () => {
    fc.assert(
      fc.property(anyName, anyType, (name, type) => {
        if (flawOf(name, type) !== undefined) return;
        const served = toServedName(name, type);
        const added = `.${extensionsOf(type)[0]}`;
        if (name.length + added.length <= 255) expect([name, name + added]).toContain(served);
      }),
      { numRuns: 10_000 },
    );
  });

  test('the mended one is one that may be, and a good one is left as it is', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const mended = toFilename(name);
        if (mended !== undefined) expect(flawOfName(mended), mended).toBeUndefined();
        if (flawOfName(name) === undefined) expect(mended).toBe(name);
      }),
      { numRuns: 10_000 },
    );
  });

  // The selector was kept, as if it were written onto the noncharacter, which was taken away.
  test.each([
    ['a\uffff\ufe0f.png', 'a.png'],
    ['\ufdd0\u{e0100}photo.jpg', 'photo.jpg'],
    ['é\ufffb\u200d字.pdf', 'é字.pdf'],
  ])('a mark goes with the unseen character that it was written onto: %j', (name, mended) => {
    expect(toFilename(name)).toBe(mended);
    expect(flawOfName(mended)).toBeUndefined();
  });

  test('mending takes time that grows with the length', () => {
    // Each of these once took a pattern to its end from every character.
    for (const text of [' .'.repeat(50_000).concat('x'), 'é\u200d'.repeat(50_000), '.'.repeat(100_000)]) {
      expect(toFilename(text)).toBeDefined();
    }
  });
});
