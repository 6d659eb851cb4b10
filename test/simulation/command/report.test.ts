import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { simulate, smallWorkbook } from './support.ts';

const execute = promisify(execFile);
const browsers = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const browser = browsers.find((path) => path !== '' && existsSync(path));
const folder = mkdtempSync(join(tmpdir(), 'simulate-report-'));
const page = join(folder, 'report.html');

test.before(async (t) => {
  const file = join(folder, 'small <b>.xlsx');
  writeFileSync(file, await smallWorkbook());
  const words = [
    ...['--input', 'Model!A1=normal(100,10)', '--input', 'Model!A2=fit(Data!A2:A41)'],
    ...['--output', 'Model!B1', '--output', 'Model!C1:C12', '--paths', '20000'],
    ...['--scenario', 'dear:Model!A2=90', '--report', page],
  ];
  const { code, stderr } = await simulate(file, ...words);
  t.is(code, 0, stderr);
});

test.after.always(() => {
  rmSync(folder, { recursive: true });
});

test('the page holds every picture with its meaning in words, and needs nothing from elsewhere', (t) => {
  const html = readFileSync(page, 'utf8');
  for (const picture of ['Histogram', 'Cumulative curve', 'Tornado', 'Convergence of the mean', 'Fan chart']) {
    t.regex(html, new RegExp(`role="img" aria-label="${picture}: [^"]{20,}"`));
  }
  t.false(/(?:src|href)=|https?:|@import/.test(html));
  t.false(html.includes('NaN') || html.includes('undefined') || html.includes('Infinity'));
  t.true(html.includes('small &lt;b&gt;.xlsx'), 'a name is never read as markup');
  for (const text of [
    'fitted to 40 numbers',
    'What if',
    'dear (scenario)',
    'workbook (SHA-256)',
    'error of sampling only',
  ]) {
    t.true(html.includes(text), text);
  }
});

/** What a script in the page finds, at the width of a phone or of a desk. */
const look = `<script>
const svgs = [...document.querySelectorAll('svg')];
const outside = svgs.flatMap((svg) => { const box = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text,rect,line')].filter((part) => { const b = part.getBoundingClientRect();
    return b.width > 0 && (b.left < box.left - 2 || b.right > box.right + 2 || b.bottom > box.bottom + 2); }).map((part) => part.textContent || part.tagName); });
const found = { wide: document.documentElement.scrollWidth > innerWidth, width: innerWidth, pictures: svgs.length, empty: svgs.filter((svg) => svg.getBoundingClientRect().height < 60).length, outside };
document.body.innerHTML = '<pre id="found">' + JSON.stringify(found).replaceAll('<', '') + '</pre>';
</script>`;

for (const [name, width] of [
  ['a phone', 500],
  ['a desk', 1280],
] as const) {
  test(`in a browser as wide as ${name} nothing is cut off or reaches beyond the page`, async (t) => {
    if (browser === undefined) {
      t.log('skipped: no chromium is installed');
      return t.pass();
    }
    const looking = join(folder, `look-${width}.html`);
    writeFileSync(looking, readFileSync(page, 'utf8').replace('</body>', `${look}</body>`));
    const { stdout } = await execute(browser, [
      ...['--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars'],
      ...[`--user-data-dir=${join(folder, `browser-${width}`)}`, `--window-size=${width},1600`],
      ...['--dump-dom', `file://${looking}`],
    ]);
    const [, text] = /<pre id="found">(.*?)<\/pre>/s.exec(stdout) ?? [];
    t.like(JSON.parse(text ?? '{}'), { wide: false, width, pictures: 9, empty: 0, outside: [] });
    return undefined;
  });
}

test('the page prints', async (t) => {
  if (browser === undefined) {
    t.log('skipped: no chromium is installed');
    return t.pass();
  }
  const paper = join(folder, 'report.pdf');
  await execute(browser, [
    ...['--headless=new', '--no-sandbox', '--disable-gpu', '--no-pdf-header-footer'],
    ...[`--user-data-dir=${join(folder, 'browser-print')}`, `--print-to-pdf=${paper}`, `file://${page}`],
  ]);
  const pages = readFileSync(paper, 'latin1').match(/\/Type\s*\/Page\b/g) ?? [];
  t.true(pages.length >= 2 && pages.length <= 9, `${pages.length} pages`);
  return undefined;
});
