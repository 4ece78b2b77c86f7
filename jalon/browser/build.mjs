/** Bundles the islands into ../static/built, with the licences of all that they hold. */
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const built = join(here, '..', 'static', 'built');
const development = process.argv.includes('--development');

/**
 * The FEEL editor mounts its rules in a <style> element, which our Content-Security-Policy refuses.
 * Its own code can adopt a constructed sheet instead, which the policy allows: let it do so in documents too.
 */
const adoptedStyles = {
  name: 'adopted-styles',
  setup(build) {
    build.onLoad({ filter: /style-mod[\\/]src[\\/]style-mod\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const condition = '!root.head && root.adoptedStyleSheets';
      if (!source.includes(condition)) throw new Error('style-mod has changed: see build.mjs');
      return { contents: source.replace(condition, 'root.adoptedStyleSheets'), loader: 'js' };
    });
  },
};

/** Parts of the properties panel speak through a fallback that knows no dictionary: give it ours. */
const frenchPanel = {
  name: 'french-panel',
  setup(build) {
    build.onLoad({ filter: /@bpmn-io[\\/]properties-panel[\\/]dist[\\/]index\.esm\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const opening = 'function translateFallback(template, replacements) {';
      if (!source.includes(opening)) throw new Error('@bpmn-io/properties-panel has changed: see build.mjs');
      const dictionary = JSON.stringify(join(here, 'modeler', 'translate.js'));
      const contents = source.replace(opening, `import { translate as inFrench } from ${dictionary};\n${opening} return inFrench(template, replacements);`);
      return { contents, loader: 'js' };
    });
  },
};

/** The packages whose code went into the bundles. */
function bundledPackages(metafile) {
  const found = new Map();
  for (const path of Object.keys(metafile.inputs)) {
    const match = path.match(/^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//);
    if (match) found.set(match[2], join(here, match[1]));
  }
  return [...found].sort(([a], [b]) => a.localeCompare(b));
}

function licenceOf([name, folder]) {
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${license}`;
  return `${name} ${version}\n${'-'.repeat(name.length + version.length + 1)}\n${text}\n`;
}

if (existsSync(built)) rmSync(built, { recursive: true });
const result = await esbuild.build({
  absWorkingDir: here,
  entryPoints: { shell: 'shell/index.js', passkey: 'passkey/index.js', worker: 'worker/index.js', viewer: 'viewer/index.js', modeler: 'modeler/index.js' },
  outdir: built,
  bundle: true,
  format: 'iife',
  target: ['es2022', 'chrome109', 'firefox115', 'safari16'],
  minify: !development,
  sourcemap: development,
  define: { DEVELOPMENT: String(development) },
  legalComments: 'none',
  loader: { '.woff2': 'file', '.woff': 'file', '.ttf': 'file', '.eot': 'file', '.svg': 'file' },
  assetNames: '[name]',
  plugins: [adoptedStyles, frenchPanel],
  metafile: true,
  logLevel: 'warning',
});
writeFileSync(join(built, 'LICENSES.txt'), bundledPackages(result.metafile).map(licenceOf).join('\n\n'));
for (const [path, { bytes }] of Object.entries(result.metafile.outputs)) {
  if (/\.(js|css)$/.test(path)) console.log(`${path.split('/').pop().padEnd(14)} ${Math.round(bytes / 1024)} kB`);
}
