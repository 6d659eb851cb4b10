import type { Archive } from './archive.ts';
import type { ReadLimits } from './limits.ts';
import { readXml } from './xml.ts';

/** Formats that files name by number only (ECMA-376 part 1, 18.8.30); dates and currency as English (US) has them. */
const builtIn = new Map([
  [1, '0'],
  [2, '0.00'],
  [3, '#,##0'],
  [4, '#,##0.00'],
  [5, '"$"#,##0_);("$"#,##0)'],
  [6, '"$"#,##0_);[Red]("$"#,##0)'],
  [7, '"$"#,##0.00_);("$"#,##0.00)'],
  [8, '"$"#,##0.00_);[Red]("$"#,##0.00)'],
  [9, '0%'],
  [10, '0.00%'],
  [11, '0.00E+00'],
  [12, '# ?/?'],
  [13, '# ??/??'],
  [14, 'm/d/yyyy'],
  [15, 'd-mmm-yy'],
  [16, 'd-mmm'],
  [17, 'mmm-yy'],
  [18, 'h:mm AM/PM'],
  [19, 'h:mm:ss AM/PM'],
  [20, 'h:mm'],
  [21, 'h:mm:ss'],
  [22, 'm/d/yyyy h:mm'],
  [37, '#,##0_);(#,##0)'],
  [38, '#,##0_);[Red](#,##0)'],
  [39, '#,##0.00_);(#,##0.00)'],
  [40, '#,##0.00_);[Red](#,##0.00)'],
  [41, '_(* #,##0_);_(* \\(#,##0\\);_(* "-"_);_(@_)'],
  [42, '_("$"* #,##0_);_("$"* \\(#,##0\\);_("$"* "-"_);_(@_)'],
  [43, '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)'],
  [44, '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)'],
  [45, 'mm:ss'],
  [46, '[h]:mm:ss'],
  [47, 'mm:ss.0'],
  [48, '##0.0E+0'],
  [49, '@'],
]);

/** The number format code of each cell style (the `s` of a cell); undefined for General. */
export async function readNumberFormats(
  archive: Archive,
  part: string,
  limits: ReadLimits,
): Promise<(string | undefined)[]> {
  const own = new Map<number, string>();
  const styles: (string | undefined)[] = [];
  await readXml(
    part,
    archive.read(part),
    {
      open(name, attribute, parent) {
        if (name === 'numFmt' && parent === 'numFmts') {
          own.set(Number(attribute('numFmtId')), attribute('formatCode') ?? 'General');
        } else if (name === 'xf' && parent === 'cellXfs') {
          const id = Number(attribute('numFmtId') ?? 0);
          const code = own.get(id) ?? builtIn.get(id);
          styles.push(code === undefined || code.toLowerCase() === 'general' ? undefined : code);
        }
      },
    },
    limits,
  );
  return styles;
}
