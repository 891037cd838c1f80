import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { choosePython, findPythons } from '../../local/python.ts';
import { type Fetched, once } from './fetch.ts';
import { COMMANDS, FILMS, POSTSCRIPT, SOUNDS, TEXT } from './programs.ts';
import { isInstalled, run } from './run.ts';

/**
 * Makes files by the programs that people make them with. Each that is not installed is named as a problem.
 */
export async function makeAll(base: string): Promise<Fetched[]> {
  const makers: readonly (readonly [name: string, needs: readonly string[], make: Make])[] = [
    ['made by Python', ['python3'], makeByPython],
    ['made by Node', ['npm'], makeByNode],
    ['made by ffmpeg', ['ffmpeg'], makeByFfmpeg],
    ['made by Ghostscript', ['gs'], makeByGhostscript],
    ['made by LibreOffice', ['soffice'], makeByLibreOffice],
    ...COMMANDS.map(
      ([needs, commands]) =>
        [
          `made by ${needs}`,
          [needs],
          async (folder) => {
            await writeFile(join(folder, 'inner.txt'), TEXT);
            for (const command of commands) await run('sh', ['-c', command], { cwd: folder });
          },
        ] as const satisfies readonly [string, readonly string[], Make],
    ),
  ];
  const made: Fetched[] = [];
  for (const [source, needs, make] of makers) made.push(await makeOne(base, source, needs, make));
  return made;
}

type Make = (folder: string, base: string) => Promise<void>;

async function makeOne(base: string, source: string, needs: readonly string[], make: Make): Promise<Fetched> {
  const folder = join(base, 'made', source.replaceAll(' ', '-').toLowerCase());
  for (const command of needs) {
    if (!(await isInstalled(command))) return { source, problem: `${command} is not installed` };
  }
  try {
    await once(folder, () => make(folder, base));
    return { source, folder };
  } catch (error) {
    return { source, problem: error instanceof Error ? error.message : String(error) };
  }
}

const scripts = join(import.meta.dirname, 'made');

const makeByPython: Make = async (folder, base) => {
  const python = choosePython(await findPythons());
  if (python === undefined) throw new Error('no Python that can make a virtual environment');
  const environment = join(base, 'makers', 'python');
  await once(environment, async () => {
    await run(python.command, ['-m', 'venv', environment]);
    const requirements = join(scripts, 'requirements.txt');
    await run(
      join(environment, 'bin', 'pip'),
      ['install', '--quiet', '--require-hashes', '--requirement', requirements],
      {
        env: { PIP_DISABLE_PIP_VERSION_CHECK: '1' },
        timeoutMs: 600_000,
      },
    );
  });
  await run(join(environment, 'bin', 'python'), [join(scripts, 'make.py')], { cwd: folder });
};

const makeByNode: Make = async (folder, base) => {
  const packages = join(base, 'makers', 'node');
  await once(packages, async () => {
    await copyFile(join(scripts, 'package.json'), join(packages, 'package.json'));
    await run('npm', ['install', '--silent', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: packages,
    });
  });
  await run(process.execPath, [join(scripts, 'make.mjs'), packages], { cwd: folder });
};

const makeByFfmpeg: Make = async (folder) => {
  const film = ['-f', 'lavfi', '-i', 'testsrc=duration=1:size=128x96:rate=10'];
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=1'];
  const quiet = ['-hide_banner', '-loglevel', 'error', '-y'];
  for (const [name, ...options] of FILMS) {
    await run('ffmpeg', [...quiet, ...film, ...sound, '-shortest', ...options, name], { cwd: folder });
  }
  for (const [name, ...options] of SOUNDS) {
    await run('ffmpeg', [...quiet, ...sound, ...options, name], { cwd: folder });
  }
};

const makeByGhostscript: Make = async (folder) => {
  const source = join(folder, 'page.ps');
  await writeFile(source, POSTSCRIPT);
  const draw = (device: string, name: string, ...options: string[]) =>
    run('gs', ['-q', '-dBATCH', '-dNOPAUSE', `-sDEVICE=${device}`, ...options, '-o', name, source], {
      cwd: folder,
    });
  for (const version of ['1.2', '1.3', '1.4', '1.5', '1.6', '1.7', '2.0']) {
    await draw('pdfwrite', `gs-${version}.pdf`, `-dCompatibilityLevel=${version}`);
  }
  for (const device of ['jpeg', 'jpeggray', 'jpegcmyk']) await draw(device, `gs-${device}.jpg`);
  for (const device of ['png16m', 'pnggray', 'pngmono', 'png256', 'pngalpha']) {
    await draw(device, `gs-${device}.png`);
  }
};

const makeByLibreOffice: Make = async (folder) => {
  const inputs = join(folder, 'inputs');
  await mkdir(inputs);
  const sizes = [1, 10, 60, 200, 1_000];
  for (const size of sizes) {
    const lines = Array.from({ length: size }, (_, index) => `${index},word ${index * 7},${index / 3}\n`);
    await writeFile(join(inputs, `rows-${size}.csv`), lines.join(''));
    const html = lines.map((line) => `<h2>${line}</h2><p>${line.repeat(3)}</p>`).join('');
    await writeFile(join(inputs, `text-${size}.html`), `<!doctype html><meta charset=utf-8>${html}`);
  }
  const home = `-env:UserInstallation=file://${join(folder, 'profile')}`;
  const convert = (to: string, from: string, ...options: string[]) =>
    run('soffice', [home, '--headless', ...options, '--convert-to', to, '--outdir', folder, from], {
      cwd: folder,
    });
  for (const size of sizes) {
    for (const to of ['xlsx', 'ods', 'pdf', 'xls']) await convert(to, join(inputs, `rows-${size}.csv`));
    for (const to of ['docx', 'odt', 'rtf', 'doc', 'epub']) {
      await convert(to, join(inputs, `text-${size}.html`), '--infilter=HTML (StarWriter)');
    }
  }
  await convert('pptx', join(folder, 'text-1.odt')).catch(() => undefined);
};
