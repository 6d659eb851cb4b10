import { code, indexOf, isAt, skipSpace, textOf } from './bytes.ts';
import { type CellSpans, clearSpans, emptySpans, unplaced } from './cell-spans.ts';
import { numberOf } from './decimal.ts';
import { columnCount } from './model.ts';
import { formulaOf, type ScannedFormula } from './scanned-formula.ts';
import { isTrue, type SheetBuilder } from './sheet-builder.ts';
import { foreign, incomplete, type RecordScanner } from './skim.ts';
import { afterTag, textEnd, valueEnd, valueStart } from './tag-bytes.ts';

const letter = { c: 0x63, n: 0x6e, r: 0x72, s: 0x73, t: 0x74 } as const;

/**
 * Rows and cells as Excel and most writers spell them: `<c r="A1" s="3"><f>B1*2</f><v>4</v></c>`. Everything else
 * (rich inline strings, ISO dates, prefixes) is foreign and goes to the XML parser.
 */
export class CellScanner implements RecordScanner {
  readonly container = 'sheetData';
  readonly #builder: SheetBuilder;
  /** The row's tag was read here and the parser knows nothing of it. */
  #inRow = false;
  #rowHandedOver = false;
  readonly #cell: CellSpans = emptySpans();

  constructor(builder: SheetBuilder) {
    this.#builder = builder;
  }

  /** The parser's next `<row>` stands for one that began here: it is no new row. */
  takeRow(): boolean {
    const taken = this.#inRow;
    this.#inRow = false;
    return taken;
  }

  hand(): string {
    if (!this.#inRow) return '';
    this.#rowHandedOver = true;
    return '<row>';
  }

  within(): string {
    return this.#rowHandedOver ? 'row' : 'sheetData';
  }

  foreignEnd(bytes: Buffer, at: number): number {
    if (this.#rowHandedOver && isAt(bytes, at, '</row>')) {
      this.#rowHandedOver = false;
      return at + '</row>'.length;
    }
    if (!isAt(bytes, at, '<c ') && !isAt(bytes, at, '<c>')) return foreign;
    const end = bytes.indexOf('</c>', at);
    return end < 0 ? incomplete : end + '</c>'.length;
  }

  scan(bytes: Buffer, from: number): number {
    const at = skipSpace(bytes, from);
    if (at + '</row>'.length > bytes.length) return incomplete;
    const second = bytes[at + 1];
    if (bytes[at] === code.less) {
      let next: number = foreign;
      if (this.#inRow || this.#rowHandedOver) {
        if (second === letter.c) next = this.#scanCell(bytes, at);
        else if (second === code.slash && this.#inRow && isAt(bytes, at, '</row>')) next = this.#endRow(at);
      } else if (second === letter.r) next = this.#scanRow(bytes, at);
      if (next !== foreign) return next;
    }
    // Space before a foreign record is read first, so that the record begins where it is handed over.
    return at > from ? at : foreign;
  }

  #endRow(at: number): number {
    this.#inRow = false;
    return at + '</row>'.length;
  }

  #scanRow(bytes: Buffer, from: number): number {
    if (!isAt(bytes, from, '<row')) return foreign;
    let at = from + '<row'.length;
    let number: string | undefined;
    let isHidden = false;
    for (;;) {
      at = skipSpace(bytes, at);
      if (at + 1 >= bytes.length) return incomplete;
      if (bytes[at] === code.greater || bytes[at] === code.slash) break;
      const valueFrom = valueStart(bytes, at);
      if (valueFrom < 0) return valueFrom;
      const valueTo = valueEnd(bytes, valueFrom);
      if (valueTo < 0) return valueTo;
      if (bytes[at] === letter.r && valueFrom === at + 3) number = bytes.toString('latin1', valueFrom, valueTo);
      if (isAt(bytes, at, 'hidden=')) isHidden = isTrue(bytes.toString('latin1', valueFrom, valueTo));
      at = valueTo + 1;
    }
    const closed = bytes[at] === code.slash;
    if (closed && bytes[at + 1] !== code.greater) return foreign;
    this.#builder.startRow(number, isHidden);
    this.#inRow = !closed;
    return at + (closed ? 2 : 1);
  }

  #scanCell(bytes: Buffer, from: number): number {
    clearSpans(this.#cell);
    const at = this.#scanAttributes(bytes, from + '<c'.length);
    if (at < 0) return at;
    if (bytes[at] === code.slash) {
      if (bytes[at + 1] !== code.greater) return foreign;
      this.#place();
      return at + 2;
    }
    const end = this.#scanContent(bytes, at + 1);
    if (end < 0) return end;
    return this.#keep(bytes) ? end : foreign;
  }

  /** Returns where the tag's "/" or ">" lies. */
  #scanAttributes(bytes: Buffer, from: number): number {
    const cell = this.#cell;
    let at = from;
    for (;;) {
      at = skipSpace(bytes, at);
      if (at + 1 >= bytes.length) return incomplete;
      const name = bytes[at];
      if (name === code.greater || name === code.slash) return at;
      const valueFrom = valueStart(bytes, at);
      if (valueFrom < 0) return valueFrom;
      const valueTo = valueEnd(bytes, valueFrom);
      if (valueTo < 0) return valueTo;
      if (valueFrom === at + 3) {
        if (name === letter.r) {
          if (!this.#readReference(bytes, valueFrom, valueTo)) return foreign;
        } else if (name === letter.s) {
          cell.style = indexOf(bytes, valueFrom, valueTo);
          if (cell.style < 0) return foreign;
        } else if (name === letter.t) {
          cell.typeFrom = valueFrom;
          cell.typeTo = valueTo;
        }
      } else if (isAt(bytes, at, 'cm=')) {
        cell.metadata = indexOf(bytes, valueFrom, valueTo);
        if (cell.metadata < 0) return foreign;
      }
      at = valueTo + 1;
    }
  }

  #readReference(bytes: Buffer, from: number, to: number): boolean {
    let at = from;
    let column = 0;
    for (; at < to; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte < code.upperA || byte > code.upperZ) break;
      column = column * 26 + byte - code.upperA + 1;
    }
    const row = indexOf(bytes, at, to);
    if (at === from || at > from + 3 || column > columnCount || row < 1 || row > 1_048_576) return false;
    this.#cell.row = row - 1;
    this.#cell.column = column - 1;
    return true;
  }

  /** Returns the position after `</c>`. */
  #scanContent(bytes: Buffer, from: number): number {
    const cell = this.#cell;
    let at = from;
    for (;;) {
      at = skipSpace(bytes, at);
      if (at + '</c>'.length > bytes.length) return incomplete;
      if (isAt(bytes, at, '</c>')) return at + '</c>'.length;
      if (isAt(bytes, at, '<v>') && cell.valueFrom < 0) {
        cell.valueFrom = at + '<v>'.length;
        cell.valueTo = textEnd(bytes, cell.valueFrom);
        at = afterTag(bytes, cell.valueTo, '</v>');
      } else if (isAt(bytes, at, '<f') && cell.formulaFrom < 0) at = this.#scanFormula(bytes, at + '<f'.length);
      else if (isAt(bytes, at, '<is>') && cell.inlineFrom < 0) at = this.#scanInline(bytes, at + '<is>'.length);
      else if (isAt(bytes, at, '<v/>')) at += '<v/>'.length;
      else if (isAt(bytes, at, '<v />')) at += '<v />'.length;
      else return at + '<v />'.length > bytes.length ? incomplete : foreign;
      if (at < 0) return at;
    }
  }

  #scanFormula(bytes: Buffer, from: number): number {
    const cell = this.#cell;
    let at = from;
    for (;;) {
      at = skipSpace(bytes, at);
      if (at + 1 >= bytes.length) return incomplete;
      if (bytes[at] === code.greater || bytes[at] === code.slash) break;
      if (at === from) return foreign;
      const valueFrom = valueStart(bytes, at);
      if (valueFrom < 0) return valueFrom;
      const valueTo = valueEnd(bytes, valueFrom);
      if (valueTo < 0) return valueTo;
      at = valueTo + 1;
    }
    if (at > from) {
      cell.formulaAttributesFrom = from;
      cell.formulaAttributesTo = at;
    }
    if (bytes[at] === code.slash) {
      cell.formulaFrom = at;
      cell.formulaTo = at;
      return bytes[at + 1] === code.greater ? at + 2 : foreign;
    }
    cell.formulaFrom = at + 1;
    cell.formulaTo = textEnd(bytes, cell.formulaFrom);
    return afterTag(bytes, cell.formulaTo, '</f>');
  }

  #scanInline(bytes: Buffer, from: number): number {
    const cell = this.#cell;
    const preserved = '<t xml:space="preserve">';
    if (from + preserved.length > bytes.length) return incomplete;
    if (isAt(bytes, from, '<t>')) cell.inlineFrom = from + '<t>'.length;
    else if (isAt(bytes, from, preserved)) cell.inlineFrom = from + preserved.length;
    else return foreign;
    cell.inlineTo = textEnd(bytes, cell.inlineFrom);
    return afterTag(bytes, cell.inlineTo, '</t></is>');
  }

  #place(): number {
    const { row, column } = this.#cell;
    return row === unplaced ? this.#builder.place(undefined) : this.#builder.placeAt(row, column);
  }

  /** Gives the cell to the builder; false where something in it is not plain, and then nothing was given. */
  #keep(bytes: Buffer): boolean {
    const cell = this.#cell;
    const typeLength = cell.typeTo - cell.typeFrom;
    const type = typeLength === 0 ? code.zero : (bytes[cell.typeFrom] ?? 0);
    const formula = cell.formulaFrom < 0 ? undefined : formulaOf(bytes, cell);
    if (formula === false) return false;

    if (typeLength <= 1 && (type === code.zero || type === letter.n) && cell.valueFrom >= 0 && cell.inlineFrom < 0) {
      const value = numberOf(bytes, cell.valueFrom, cell.valueTo);
      if (Number.isNaN(value)) return false;
      const key = this.#place();
      this.#keepFormula(key, formula);
      this.#builder.addNumber(key, value, cell.style);
      return true;
    }
    if (typeLength === 1 && type === letter.s && cell.valueFrom >= 0) {
      const index = indexOf(bytes, cell.valueFrom, cell.valueTo);
      if (index < 0) return false;
      const key = this.#place();
      this.#keepFormula(key, formula);
      this.#builder.addSharedString(key, index, cell.style);
      return true;
    }
    return this.#keepOther(bytes, formula);
  }

  #keepOther(bytes: Buffer, formula: ScannedFormula | undefined): boolean {
    const cell = this.#cell;
    const type = cell.typeTo === cell.typeFrom ? 'n' : bytes.toString('latin1', cell.typeFrom, cell.typeTo);
    let value: string | undefined;
    if (type === 'inlineStr') {
      value = cell.inlineFrom < 0 ? undefined : textOf(bytes, cell.inlineFrom, cell.inlineTo);
      if (value === undefined) return false;
    } else if (cell.valueFrom >= 0) {
      value = textOf(bytes, cell.valueFrom, cell.valueTo);
      if (value === undefined) return false;
    }
    const key = this.#place();
    this.#keepFormula(key, formula);
    this.#builder.addValue(key, { style: cell.style, type, value, hasFormula: formula !== undefined });
    return true;
  }

  #keepFormula(key: number, formula: ScannedFormula | undefined): void {
    if (formula === undefined) return;
    if (typeof formula === 'number') this.#builder.addSharedMember(key, formula);
    else if (typeof formula === 'string') this.#builder.addNormalFormula(key, formula);
    else this.#builder.addFormula(key, formula, this.#cell.metadata);
  }
}
