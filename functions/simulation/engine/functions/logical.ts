import type { Call } from '../formula/call.ts';
import { toLogical } from '../formula/coerce.ts';
import { aLogical, type Family, lifted, variadic } from '../formula/definition.ts';
import { eachValue } from '../formula/ranges.ts';
import { isError, wrongValue } from '../formula/value.ts';
import type { CellValue } from '../workbook/model.ts';

/** The truths among arguments: texts and blanks in ranges are passed over; none at all is #VALUE!. */
function ofTruths(compute: (truths: readonly boolean[]) => boolean) {
  return variadic(1, (given, call) => {
    const truths: boolean[] = [];
    let failed: CellValue = null;
    for (const argument of given) {
      eachValue(argument, call, (value, inRange) => {
        if ((inRange && (value === null || typeof value === 'string')) || value === '') return;
        const truth = toLogical(value);
        if (isError(truth)) failed ??= truth;
        else truths.push(truth);
      });
    }
    if (failed !== null) return failed;
    return truths.length === 0 ? wrongValue : compute(truths);
  });
}

export const logical: Family = {
  AND: ofTruths((truths) => truths.every(Boolean)),
  OR: ofTruths((truths) => truths.some(Boolean)),
  XOR: ofTruths((truths) => truths.filter(Boolean).length % 2 === 1),
  NOT: lifted([aLogical], (truth) => !truth),
  TRUE: lifted([], (_call: Call) => true),
  FALSE: lifted([], (_call: Call) => false),
};
