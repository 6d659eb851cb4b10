/** A command line that cannot be followed; its message is the one line that is shown. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage = `npm run simulate -- FILE --input 'Sheet!B30=normal(0,1)' … --output 'Sheet!D28' …
  --input CELL=DISTRIBUTION       normal(0,1), uniform(0,1), triangular(1,2,4), truncate(normal(0,1),-2,2), empirical(Data!A2:A99),
                                  fit(Data!A2:A99), discrete({1,2},{0.4,0.6}), tail(normal(0,1),0,0.05), …
  --input CELLS=PROCESS           gbm(8500,3%,28%,1/12), schwartz(…), jumps(…): a price over time, step by step along a range
  --output CELL or CELLS          the cells whose distribution is wanted; a range is a series, and gets a fan chart
  --paths N                       1e6 if not said
  --seed N                        1 if not said
  --correlate CELL,CELL=RHO       rank correlation of two inputs
  --copula WHICH                  gaussian, t:5 (freedom), iman-conover: how they are made to move together
  --sampling METHOD               random, antithetic, latin-hypercube, sobol
  --precision WHAT                mean:0.1% or p95:2000 (half of the 95 % interval); --paths is then the most
  --threshold CELL=VALUE          the probability of an output below it
  --level PERCENT                 levels of value at risk and expected shortfall, 95 and 99 if not said
  --percentile PERCENT            percentiles beside the usual ones
  --scenario NAME:CELL=…,CELL=…   the same paths with cells fixed or drawn otherwise, compared
  --stress NAME:CELL=low 5%,…     the same with inputs drawn from a tail: low 5%, high 10%
  --workers N                     all cores if not said
  --backend WHICH                 webassembly, interpreter, or recalculation: the formula engine alone, to compare with
  --report FILE                   a page with pictures
  --save FILE                     the run as JSON, to be compared and run again
  --json                          one last line of JSON
npm run simulate -- FILE --goal 'Sheet!D28=0' --by 'Sheet!B3' [--between LOW,HIGH]    what B3 must be; mean(…)=, deviation(…)= or
                                  p5(…)= for a figure of the distribution, with --input and the rest as above
npm run simulate -- FILE --fit 'Data!A2:A500'     distributions fitted to numbers: likelihood, AIC, BIC, KS
npm run simulate -- --rerun RUN.json [FILE]       a saved run again: is it the same to the last bit?
npm run simulate -- --compare A.json B.json       two saved runs side by side`;
