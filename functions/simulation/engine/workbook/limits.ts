/**
 * What a workbook may cost before it is refused. Each is checked before the memory is spent: sizes as the archive
 * declares them, then again while bytes arrive, since an archive may lie.
 */
export type ReadLimits = {
  /** The file itself. */
  readonly compressedBytes: number;
  /** Entries of the archive, read or not. */
  readonly entries: number;
  /** One entry, and all of them, expanded. */
  readonly entryBytes: number;
  readonly expandedBytes: number;
  /** Expanded over compressed size of an entry past `ratioFreeBytes`; Excel's own files stay below about 100. */
  readonly expansionRatio: number;
  readonly ratioFreeBytes: number;
  readonly sheets: number;
  /** Cells with a value or a formula, over all sheets. */
  readonly cells: number;
  readonly sharedStrings: number;
  readonly definedNames: number;
  readonly tables: number;
  /** Open XML elements at one point. */
  readonly nesting: number;
  /** One text, tag or comment of XML. Excel's longest cell text is 32,767 characters. */
  readonly tokenBytes: number;
};

export const defaultReadLimits: ReadLimits = {
  compressedBytes: 128 * 1024 ** 2,
  entries: 20_000,
  entryBytes: 1.5 * 1024 ** 3,
  expandedBytes: 2 * 1024 ** 3,
  expansionRatio: 200,
  ratioFreeBytes: 16 * 1024 ** 2,
  sheets: 1_024,
  cells: 16_000_000,
  sharedStrings: 8_000_000,
  definedNames: 100_000,
  tables: 10_000,
  nesting: 64,
  tokenBytes: 1024 ** 2,
};
