import { sheetXml, workbookEntries } from '../simulation/support/workbook-file.ts';
import { zip } from '../simulation/support/zip.ts';

const TEXTS = 1;
const NUMBERS = 13;
const OWN_FORMULAS = 3;
const SHARED_FORMULAS = 3;
const STRINGS = 50_000;
const SHEET = 'xl/worksheets/sheet1.xml';

/**
 * A workbook of one sheet, twenty columns as a desk's positions have them: a text, thirteen numbers of full length,
 * three formulas of their own and three shared, each with its value. A thousand rows take 0.29 MB, 1.2 MB expanded; the
 * same bytes each time.
 */
export function largeWorkbook(rows: number): Buffer {
  const random = randomNumbers();
  const [head = '', tail = ''] = sheetXml('|').split('|');
  const pieces = [Buffer.from(head)];
  for (let row = 1; row <= rows; row++) pieces.push(Buffer.from(rowXml(row, rows, random)));
  const data = Buffer.concat([...pieces, Buffer.from(tail)]);
  const strings = Array.from({ length: STRINGS }, (_, index) => `<si><t>contract ${index} of ${random()}</t></si>`);
  const entries = workbookEntries({ strings: strings.join('') });
  return zip(entries.map((entry) => (entry.name === SHEET ? { name: SHEET, data } : entry)));
}

function rowXml(row: number, rows: number, random: () => number): string {
  const cells: string[] = [];
  const add = (attributes: string, body: string) => {
    cells.push(`<c r="${String.fromCharCode(65 + cells.length)}${row}"${attributes}>${body}</c>`);
  };
  for (let text = 0; text < TEXTS; text++) add(' t="s"', `<v>${row % STRINGS}</v>`);
  for (let number = 0; number < NUMBERS; number++) add(' s="1"', `<v>${random() * 1_000}</v>`);
  for (let own = 0; own < OWN_FORMULAS; own++) {
    add('', `<f>B${row}*C${row}+SUM(D${row}:F${row})</f><v>${random() * 1_000}</v>`);
  }
  for (let shared = 0; shared < SHARED_FORMULAS; shared++) {
    const column = String.fromCharCode(65 + cells.length);
    const group = `t="shared" si="${shared}"`;
    const formula = row === 1 ? `<f ${group} ref="${column}1:${column}${rows}">B1*2</f>` : `<f ${group}/>`;
    add('', `${formula}<v>${random()}</v>`);
  }
  return `<row r="${row}" spans="1:20">${cells.join('')}</row>`;
}

/** Numbers from 0 to 1 of about sixteen digits, the same each time. */
function randomNumbers(): () => number {
  let state = 1;
  return () => {
    state = Math.imul(state, 1_103_515_245) + 12_345;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
}
