import type { Definition, Family } from '../formula/definition.ts';
import { addIns } from './add-ins.ts';
import { annuity } from './annuity.ts';
import { arithmetic } from './arithmetic.ts';
import { arrangement } from './arrangement.ts';
import { arrays } from './arrays.ts';
import { bessel } from './bessel.ts';
import { bonds } from './bonds.ts';
import { cashFlow } from './cash-flow.ts';
import { complex } from './complex.ts';
import { conditional } from './conditional.ts';
import { database } from './database.ts';
import { dates } from './dates.ts';
import { depreciation } from './depreciation.ts';
import { discountPapers } from './discount-papers.ts';
import { discrete } from './discrete.ts';
import { distributions } from './distributions.ts';
import { hypothesis } from './hypothesis.ts';
import { information } from './information.ts';
import { lambdas } from './lambdas.ts';
import { logical } from './logical.ts';
import { lookup } from './lookup.ts';
import { matrices } from './matrices.ts';
import { oddBonds } from './odd-bonds.ts';
import { order } from './order.ts';
import { radix } from './radix.ts';
import { reference } from './reference.ts';
import { regression } from './regression.ts';
import { rounding } from './rounding.ts';
import { statistics } from './statistics.ts';
import { subtotals } from './subtotal.ts';
import { text } from './text.ts';
import { textParts } from './text-parts.ts';
import { trigonometry } from './trigonometry.ts';
import { conversion } from './units.ts';
import { workdays } from './workdays.ts';

const families: readonly Family[] = [
  addIns,
  annuity,
  arithmetic,
  arrangement,
  arrays,
  cashFlow,
  conditional,
  dates,
  information,
  lambdas,
  logical,
  lookup,
  reference,
  rounding,
  statistics,
  text,
  textParts,
  trigonometry,
  workdays,
  bessel,
  bonds,
  complex,
  conversion,
  database,
  depreciation,
  discountPapers,
  discrete,
  distributions,
  hypothesis,
  matrices,
  oddBonds,
  order,
  radix,
  regression,
  subtotals,
];

/** Every worksheet function by its upper-case name; those that branch or bind names are the evaluator's own. */
export const worksheetFunctions: ReadonlyMap<string, Definition> = new Map(
  families.flatMap((family) => Object.entries(family)),
);
