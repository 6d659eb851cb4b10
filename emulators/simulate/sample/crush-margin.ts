import type { Look, SheetSource, SourceCell, WorkbookSource } from './sheet-source.ts';

const months = 12;
const firstMonthRow = 5;
const lastMonthRow = firstMonthRow + months - 1;

type Row = readonly [label: string, value: number, unit: string, note: string];

/**
 * A soybean crusher's margin over a year: beans in, meal and oil out, against the plant's costs and a partial hedge of the board
 * crush. Yields and the board crush are the exchange's: 44 lb of meal and 11 lb of oil to a bushel of 60 lb, meal in short tons
 * (https://www.cmegroup.com/education/articles-and-reports/soybean-crush-reference-guide.html). Prices and costs are made up.
 */
export function crushMargin(): WorkbookSource {
  return {
    sheets: [assumptions(), curve(), margin()],
    names: rows.flatMap(([label], index) => {
      const name = names.get(label);
      return name === undefined ? [] : [{ name, refersTo: `Assumptions!$B$${index + 4}` }];
    }),
  };
}

const rows: readonly Row[] = [
  ['Daily capacity', 150_000, 'bu/day', 'nameplate'],
  ['Utilisation', 0.92, 'share', 'uncertain: stops for repair and for want of beans'],
  ['Meal yield', 0.022, 'short ton/bu', 'uncertain with the crop'],
  ['Oil yield', 11, 'lb/bu', 'uncertain with the crop'],
  ['Bean basis', 0.35, '$/bu', 'uncertain: what the farmer gets above the board'],
  ['Gas use', 0.0225, 'MMBtu/bu', 'steam for the extractor and the toaster'],
  ['Electricity', 0.03, '$/bu', ''],
  ['Labour, hexane and repairs', 0.26, '$/bu', ''],
  ['Fixed cost', 900_000, '$/month', ''],
  ['Hedged share', 0.5, 'share', 'of the year’s crush sold forward'],
  ['Hedged board crush', 1.62, '$/bu', 'the level it was sold at'],
  ['Monthly volatility, beans', 0.06, '', ''],
  ['Monthly volatility, meal', 0.075, '', ''],
  ['Monthly volatility, oil', 0.085, '', ''],
  ['Shock, beans', 0, 'standard deviations', 'uncertain'],
  ['Shock, meal', 0, 'standard deviations', 'uncertain; moves with beans'],
  ['Shock, oil', 0, 'standard deviations', 'uncertain; moves with beans'],
];

const names = new Map([
  ['Utilisation', 'Utilisation'],
  ['Meal yield', 'Meal_yield'],
  ['Oil yield', 'Oil_yield'],
  ['Bean basis', 'Bean_basis'],
  ['Hedged share', 'Hedged_share'],
  ['Shock, beans', 'Beans_shock'],
  ['Shock, meal', 'Meal_shock'],
  ['Shock, oil', 'Oil_shock'],
]);

/** The absolute address of an assumption's value. */
function assumption(label: string): string {
  const index = rows.findIndex(([candidate]) => candidate === label);
  if (index < 0) throw new Error(`there is no assumption called ${label}`);
  return names.get(label) ?? `Assumptions!$B$${index + 4}`;
}

function assumptions(): SheetSource {
  const cells = new Map<string, SourceCell>([['A1', { content: 'Soybean crush margin: assumptions', look: 'title' }]]);
  head(cells, 3, ['What', 'Value', 'Unit', 'Note']);
  rows.forEach(([label, value, unit, note], index) => {
    const row = index + 4;
    cells.set(`A${row}`, { content: label, look: 'plain' });
    cells.set(`B${row}`, { content: value, look: 'input' });
    cells.set(`C${row}`, { content: unit, look: 'plain' });
    cells.set(`D${row}`, { content: note, look: 'plain' });
  });
  return { name: 'Assumptions', cells: written(cells), widths: [28, 14, 20, 48] };
}

/** The forward curve as it stands: $/bu, $/short ton, cents/lb and $/MMBtu by delivery month, 2027-01 to 2027-12. */
const forwards: readonly (readonly [beans: number, meal: number, oil: number, gas: number])[] = [
  [10.62, 312, 47.6, 4.12],
  [10.68, 314, 47.5, 3.96],
  [10.74, 316, 47.4, 3.61],
  [10.79, 318, 47.2, 3.42],
  [10.85, 320, 47.1, 3.38],
  [10.9, 322, 46.9, 3.47],
  [10.93, 324, 46.7, 3.58],
  [10.82, 321, 46.4, 3.61],
  [10.66, 316, 46.1, 3.57],
  [10.58, 313, 45.9, 3.63],
  [10.63, 315, 45.8, 3.94],
  [10.7, 317, 45.7, 4.31],
];
/** Excel's day number of 2027-01-01. */
const firstDay = 46_388;

function curve(): SheetSource {
  const cells = new Map<string, SourceCell>([['A1', { content: 'Forward curve', look: 'title' }]]);
  head(cells, 4, ['Month', 'Delivery', 'Beans $/bu', 'Meal $/short ton', 'Oil ¢/lb', 'Gas $/MMBtu']);
  forwards.forEach(([beans, meal, oil, gas], index) => {
    const row = firstMonthRow + index;
    cells.set(`A${row}`, { content: index + 1, look: 'plain' });
    cells.set(`B${row}`, { content: index === 0 ? firstDay : `=EDATE(B${row - 1},1)`, look: 'date' });
    [beans, meal, oil, gas].forEach((price, place) => {
      cells.set(`${'CDEF'[place]}${row}`, { content: price, look: 'price' });
    });
  });
  return { name: 'Curve', cells: written(cells), widths: [10, 12, 14, 18, 12, 14] };
}

function margin(): SheetSource {
  const cells = new Map<string, SourceCell>([
    ['A1', { content: 'Soybean crush margin, month by month', look: 'title' }],
    ['A2', { content: 'Shocks widen with the square root of time; the forward curve stays the mean.', look: 'plain' }],
  ]);
  head(cells, 4, [
    'Month',
    'Crush days',
    'Beans $/bu',
    'Meal $/short ton',
    'Oil ¢/lb',
    'Board crush $/bu',
    'Bushels',
    'Gross margin $',
    'Energy $',
    'Other cost $',
    'Hedge result $',
    'Margin after costs $',
  ]);
  for (let row = firstMonthRow; row <= lastMonthRow; row += 1) {
    for (const [column, content, look] of monthCells(row)) cells.set(`${column}${row}`, { content, look });
  }
  for (const [address, content, look] of totals()) cells.set(address, { content, look });
  return { name: 'Margin', cells: written(cells), widths: [30, 11, 12, 16, 10, 17, 13, 16, 14, 15, 15, 20] };
}

function monthCells(row: number): (readonly [column: string, content: string, look: Look])[] {
  const shocked = (column: string, product: string) => {
    const volatility = assumption(`Monthly volatility, ${product}`);
    const shock = assumption(`Shock, ${product}`);
    return `=Curve!${column}${row}*EXP(${volatility}*SQRT(Curve!A${row})*${shock}-${volatility}^2*Curve!A${row}/2)`;
  };
  const perBushel = `${assumption('Electricity')}+${assumption('Labour, hexane and repairs')}`;
  return [
    ['A', `=Curve!B${row}`, 'date'],
    ['B', `=NETWORKDAYS(Curve!B${row},EOMONTH(Curve!B${row},0))+6`, 'plain'],
    ['C', shocked('C', 'beans'), 'price'],
    ['D', shocked('D', 'meal'), 'price'],
    ['E', shocked('E', 'oil'), 'price'],
    ['F', `=D${row}*0.022+E${row}*0.11-C${row}`, 'price'],
    ['G', `=${assumption('Daily capacity')}*B${row}*${assumption('Utilisation')}`, 'money'],
    [
      'H',
      `=G${row}*(D${row}*${assumption('Meal yield')}+E${row}/100*${assumption('Oil yield')}-C${row}-${assumption('Bean basis')})`,
      'money',
    ],
    ['I', `=G${row}*${assumption('Gas use')}*Curve!F${row}`, 'money'],
    ['J', `=G${row}*(${perBushel})+${assumption('Fixed cost')}`, 'money'],
    [
      'K',
      `=${assumption('Daily capacity')}*B${row}*${assumption('Hedged share')}*(${assumption('Hedged board crush')}-F${row})`,
      'money',
    ],
    ['L', `=H${row}-I${row}-J${row}+K${row}`, 'money'],
  ];
}

function totals(): (readonly [address: string, content: string, look: Look])[] {
  const total = lastMonthRow + 2;
  const months = `L${firstMonthRow}:L${lastMonthRow}`;
  const sums = ['G', 'H', 'I', 'J', 'K', 'L'].map(
    (column) => [`${column}${total}`, `=SUM(${column}${firstMonthRow}:${column}${lastMonthRow})`, 'total'] as const,
  );
  return [
    [`A${total}`, 'Year', 'total'],
    ...sums,
    [`A${total + 1}`, 'Worst month', 'plain'],
    [`L${total + 1}`, `=MIN(${months})`, 'money'],
    [`A${total + 2}`, 'Months in the red', 'plain'],
    [`L${total + 2}`, `=COUNTIF(${months},"<0")`, 'plain'],
    [`A${total + 3}`, 'Margin after costs, $/bu', 'plain'],
    [`L${total + 3}`, `=L${total}/G${total}`, 'price'],
  ];
}

function head(cells: Map<string, SourceCell>, row: number, titles: readonly string[]): void {
  titles.forEach((title, index) => {
    cells.set(`${'ABCDEFGHIJKL'[index]}${row}`, { content: title, look: 'heading' });
  });
}

function written(cells: ReadonlyMap<string, SourceCell>): ReadonlyMap<string, SourceCell> {
  return new Map([...cells].filter(([, { content }]) => content !== ''));
}
