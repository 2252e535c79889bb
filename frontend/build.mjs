// Bundles src/ into web/static/dist (or the folder given): hashed names, a manifest, the icons in use, the licences of what is inside.
// Runs on node 20 and newer, from any directory; `hatch_build.py` calls it.
import * as esbuild from 'esbuild';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const target = path.resolve(process.argv[2] ?? path.join(here, '..', 'web', 'static', 'dist'));
const work = `${target}.new`;

const ENTRIES = ['site', 'viewer'];
const ICONS = [
  'arrow-left', 'arrow-right', 'ban', 'calendar', 'chart-line', 'check', 'check-circle', 'chevron-right', 'clip', 'clock', 'close', 'comment', 'error', 'external-link',
  'file', 'flag', 'folder', 'funnel', 'hearing', 'help-circle', 'horn', 'inbox', 'info-circle', 'key', 'link', 'list', 'lock', 'locked', 'logout', 'mail',
  'map-marker', 'more-items', 'note', 'password-invisible', 'password-visible', 'pencil', 'plus', 'print', 'refresh', 'search', 'settings', 'share',
  'telephone', 'tool', 'unlocked', 'user', 'warning', 'warning-circle',
];

async function bundle() {
  const result = await esbuild.build({
    absWorkingDir: here,
    entryPoints: Object.fromEntries(ENTRIES.map((name) => [name, `src/${name}.js`])),
    outdir: work,
    bundle: true, splitting: true, format: 'esm', target: 'es2022', minify: true, metafile: true,
    entryNames: '[name]-[hash]', chunkNames: 'chunk-[hash]', assetNames: 'asset/[name]-[hash]',
    loader: { '.woff2': 'file', '.svg': 'empty' },
    legalComments: 'none', // the licences stand in full in NOTICES.txt
    logLevel: 'warning',
  });
  return result.metafile;
}

/** The symbols of bootstrap-italia's sprite that the pages name, in one small file. */
async function icons() {
  const sprite = await readFile(path.join(here, 'node_modules/bootstrap-italia/dist/svg/sprites.svg'), 'utf8');
  const symbols = ICONS.map((name) => {
    const symbol = sprite.match(new RegExp(`<symbol id="it-${name}" .*?</symbol>`, 's'));
    if (!symbol) throw new Error(`bootstrap-italia has no icon it-${name}`);
    return symbol[0];
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`;
  const file = `icons-${createHash('sha256').update(svg).digest('hex').slice(0, 8).toUpperCase()}.svg`;
  await writeFile(path.join(work, file), svg);
  return { svg: file };
}

/** What each page must load, by entry: read by web/ to write its <link> and <script> elements. */
async function manifest(outputs) {
  const relative = (file) => path.relative(work, path.resolve(here, file)).split(path.sep).join('/');
  const chunks = (file) => outputs[file].imports.filter((i) => i.kind === 'import-statement').map((i) => i.path);
  const entries = Object.entries(outputs).filter(([file, out]) => out.entryPoint && file.endsWith('.js')).map(([file, out]) => [
    path.basename(out.entryPoint, '.js'),
    { js: relative(file), css: out.cssBundle ? relative(out.cssBundle) : null, preload: chunks(file).map(relative) },
  ]);
  const fonts = Object.keys(outputs).map(relative).filter((file) => /-latin-(400|600)-.*\.woff2$/.test(file)).sort();
  return { ...Object.fromEntries(entries), icons: await icons(), fonts };
}

/** Every package with a byte in the output, with its licence text; a package without one stops the build. */
async function notices(metafile) {
  const roots = new Set(['node_modules/bootstrap-italia']);
  for (const output of Object.values(metafile.outputs)) {
    for (const input of Object.keys(output.inputs)) {
      const root = input.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/);
      if (root) roots.add(root[0]);
    }
  }
  const texts = await Promise.all([...roots].sort().map(notice));
  return `Approdo serves to browsers code, fonts and pictures of these packages.\n\n${texts.join('\n')}`;
}

async function notice(root) {
  const folder = path.join(here, root);
  const { name, version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} carries no licence text`);
  const text = await readFile(path.join(folder, file), 'utf8');
  return `${'='.repeat(100)}\n${name} ${version} (${license})\n${'='.repeat(100)}\n${text.trim()}\n`;
}

await rm(work, { recursive: true, force: true });
await mkdir(work, { recursive: true });
const metafile = await bundle();
await writeFile(path.join(work, 'manifest.json'), JSON.stringify(await manifest(metafile.outputs), null, 1));
await writeFile(path.join(work, 'NOTICES.txt'), await notices(metafile));
await rm(target, { recursive: true, force: true });
await rename(work, target); // a server that runs meanwhile never sees half a folder
