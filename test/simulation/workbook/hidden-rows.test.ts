import test from 'ava';
import { read } from '../support/read.ts';

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

test('rows that are hidden are known, and so are tables that a filter is set on', async (t) => {
  const rows = [1, 2, 3, 4].map((row) => {
    const hidden = row === 2 ? ' hidden="1"' : row === 3 ? ' hidden="0"' : '';
    return `<row r="${row}"${hidden}><c r="A${row}"><v>${row}</v></c></row>`;
  });
  const table = `<table xmlns="${main}" id="1" name="T" displayName="T" ref="A1:A4"><autoFilter ref="A1:A4">
    <filterColumn colId="0"><filters><filter val="3"/></filters></filterColumn></autoFilter>
    <tableColumns count="1"><tableColumn id="1" name="1"/></tableColumns></table>`;
  const workbook = await read({ sheets: [{ rows: rows.join(''), tables: [table] }] });
  t.deepEqual([...(workbook.sheets[0]?.hiddenRows ?? [])], [1]);
  t.deepEqual(workbook.sheets[0]?.filters, []);
  t.true(workbook.tables[0]?.filtered);
});
