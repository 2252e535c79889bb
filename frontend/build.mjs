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

// Bundles of one line share what they have in common; what caseworkers load stands alone.
const ENTRIES = [['site'], ['viewer'], ['modeler', 'dmn-modeler', 'form-editor']];
const ICONS = [
  'arrow-left', 'arrow-right', 'ban', 'calendar', 'chart-line', 'check', 'check-circle', 'chevron-right', 'clip', 'clock', 'close', 'comment', 'error', 'external-link',
  'file', 'flag', 'folder', 'funnel', 'hearing', 'help-circle', 'horn', 'inbox', 'info-circle', 'key', 'link', 'list', 'lock', 'locked', 'logout', 'mail',
  'map-marker', 'more-items', 'note', 'password-invisible', 'password-visible', 'pencil', 'plus', 'print', 'refresh', 'search', 'settings', 'share',
  'telephone', 'tool', 'unlocked', 'user', 'warning', 'warning-circle',
];

// The policy of our pages (web/security.py) allows no inline style. What the libraries do beyond it is mended here, and a
// library that has changed at such a place stops the build rather than break the page.
const POLICY = {
  name: 'policy',
  setup(build) {
    // CodeMirror puts a <style> in the document; it knows constructable sheets already, which are no inline style
    mend(build, /style-mod[\\/](src|dist)[\\/]style-mod\.c?js$/, (text) => text.replace('if (!root.head && root.adoptedStyleSheets', 'if (root.adoptedStyleSheets'));
    // icons that reach the page as markup: style="fill:none;…" says the same as the attributes of SVG
    mend(build, /(Align|Distribute)ElementsIcons\.js$/, (text) => text.replace(/ style="([^"]*)"/g, (_, css) => css.split(';').filter((one) => one.trim()).map((one) => ` ${one.split(':')[0].trim()}="${one.split(':')[1].trim()}"`).join('')));
  },
};

function mend(build, filter, change) {
  build.onLoad({ filter }, async ({ path: file }) => {
    const text = await readFile(file, 'utf8'), contents = change(text);
    if (contents === text) throw new Error(`${file} has changed: look at what is mended there for the policy`);
    return { contents, loader: 'js' };
  });
}

async function bundle() {
  const made = await Promise.all(ENTRIES.map(bundleOf));
  return { outputs: Object.assign({}, ...made.map(({ outputs }) => outputs)) };
}

async function bundleOf(names) {
  const result = await esbuild.build({
    absWorkingDir: here,
    entryPoints: Object.fromEntries(names.map((name) => [name, `src/${name}.js`])),
    outdir: work,
    bundle: true, splitting: true, format: 'esm', target: 'es2022', minify: true, metafile: true,
    entryNames: '[name]-[hash]', chunkNames: 'chunk-[hash]', assetNames: 'asset/[name]-[hash]',
    loader: { '.woff2': 'file', '.woff': 'empty', '.ttf': 'empty', '.eot': 'empty', '.svg': 'empty' },
    alias: { domify: path.join(here, 'src/workshop/domify.js') }, plugins: [POLICY],
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
  const pages = new Set(ENTRIES.flat()); // not what a page loads only when it needs it
  const entries = Object.entries(outputs).filter(([file, out]) => out.entryPoint && file.endsWith('.js') && pages.has(path.basename(out.entryPoint, '.js'))).map(([file, out]) => [
    path.basename(out.entryPoint, '.js'),
    { js: relative(file), css: out.cssBundle ? relative(out.cssBundle) : null, preload: chunks(file).map(relative) },
  ]);
  const fonts = Object.keys(outputs).map(relative).filter((file) => /-latin-(400|600)-.*\.woff2$/.test(file)).sort();
  return { ...Object.fromEntries(entries), icons: await icons(), fonts };
}

/** Every package with a byte in the output, with its licence text; a package without one stops the build. */
async function notices(metafile) {
  const roots = new Set(['node_modules/bootstrap-italia', 'node_modules/diffpatch']); // icons are taken by hand; the other stands inside bpmn-js-differ
  for (const output of Object.values(metafile.outputs)) {
    for (const input of Object.keys(output.inputs)) {
      const root = input.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/);
      if (root) roots.add(root[0]);
    }
  }
  const texts = await Promise.all([...roots].sort().map(notice));
  return `Approdo serves to browsers code, fonts and pictures of these packages.\n\n${texts.join('\n')}`;
}

// Packages that say MIT in their package.json or README and carry no text of it: who holds the copyright.
const WITHOUT_TEXT = { '@bpmn-io/semver-compat': 'bpmn.io contributors' };
const MIT = `The MIT License (MIT)

Copyright (c) {holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS
FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER
IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

async function notice(root) {
  const folder = path.join(here, root);
  const { name, version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file && !WITHOUT_TEXT[name]) throw new Error(`${name} carries no licence text`);
  const text = file ? await readFile(path.join(folder, file), 'utf8') : MIT.replace('{holder}', WITHOUT_TEXT[name]);
  return `${'='.repeat(100)}\n${name} ${version} (${license ?? 'MIT'})\n${'='.repeat(100)}\n${text.trim()}\n`;
}

await rm(work, { recursive: true, force: true });
await mkdir(work, { recursive: true });
const metafile = await bundle();
await writeFile(path.join(work, 'manifest.json'), JSON.stringify(await manifest(metafile.outputs), null, 1));
await writeFile(path.join(work, 'NOTICES.txt'), await notices(metafile));
await rm(target, { recursive: true, force: true });
await rename(work, target); // a server that runs meanwhile never sees half a folder
