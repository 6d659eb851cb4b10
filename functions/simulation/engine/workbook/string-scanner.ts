import { code, isAt, skipSpace, textOf } from './bytes.ts';
import { foreign, incomplete, type RecordScanner } from './skim.ts';

const preserved = '<t xml:space="preserve">';

/** Shared strings of one plain text: `<si><t>text</t></si>`. */
export function stringScanner(keep: (text: string) => void): RecordScanner {
  return {
    container: 'sst',
    hand: () => '',
    within: () => 'sst',
    foreignEnd(bytes, at) {
      if (!isAt(bytes, at, '<si')) return foreign;
      const end = bytes.indexOf('</si>', at);
      return end < 0 ? incomplete : end + '</si>'.length;
    },
    scan(bytes, from) {
      const at = skipSpace(bytes, from);
      if (at + preserved.length + '<si>'.length > bytes.length) return incomplete;
      if (!isAt(bytes, at, '<si>')) return foreignFrom(from, at);
      let start = at + '<si>'.length;
      if (isAt(bytes, start, '<t>')) start += '<t>'.length;
      else if (isAt(bytes, start, preserved)) start += preserved.length;
      else return foreignFrom(from, at);
      let end = start;
      while (end < bytes.length && bytes[end] !== code.less) end += 1;
      if (end + '</t></si>'.length > bytes.length) return incomplete;
      if (!isAt(bytes, end, '</t></si>')) return foreignFrom(from, at);
      const text = textOf(bytes, start, end);
      if (text === undefined) return foreignFrom(from, at);
      keep(text);
      return end + '</t></si>'.length;
    },
  };
}

/** Space before a foreign record is read first, so that the record begins where it is handed over. */
function foreignFrom(from: number, at: number): number {
  return at > from ? at : foreign;
}
