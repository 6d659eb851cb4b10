/** Why a file is not read as a workbook; closed, and part of what callers may show. */
export type RefusalCode =
  /** Neither an Excel file nor one that ever was. */
  | 'not-a-workbook'
  /** A spreadsheet, of a kind that is not read: .xls, .xlsb, .ods. */
  | 'unsupported-format'
  | 'encrypted'
  | 'truncated'
  /** The archive contradicts itself: checksums, sizes, headers. */
  | 'broken-archive'
  /** Names that climb out of the archive, entries twice or over one another. */
  | 'hostile-archive'
  | 'broken-xml'
  /** Document types, entities of its own, nesting without end. */
  | 'hostile-xml'
  /** Well-formed, and yet not what a workbook is. */
  | 'broken-workbook'
  /** Past one of ReadLimits. */
  | 'too-large';

/** Carries a refusal from the depths of a parser to readWorkbook, which answers it as a value. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, sentence: string, cause?: unknown) {
    super(sentence, { cause });
    this.code = code;
  }
}
