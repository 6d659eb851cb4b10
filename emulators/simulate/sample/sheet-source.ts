/** How a cell looks; each is an entry of the written workbook's styles. */
export const looks = ['plain', 'title', 'heading', 'input', 'money', 'price', 'percent', 'date', 'total'] as const;
export type Look = (typeof looks)[number];

/** A cell by its address: a number, a text, or a formula, which begins with "=". */
export type SourceCell = { readonly content: number | string; readonly look: Look };

export type SheetSource = {
  readonly name: string;
  readonly cells: ReadonlyMap<string, SourceCell>;
  /** Widths in characters, from column A on. */
  readonly widths: readonly number[];
};

/** A name and the cell it stands for, such as `Beans_shock` and `Assumptions!$B$19`. */
export type NamedCell = { readonly name: string; readonly refersTo: string };

export type WorkbookSource = { readonly sheets: readonly SheetSource[]; readonly names: readonly NamedCell[] };
