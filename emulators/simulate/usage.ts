/** A command line that cannot be followed; its message is the one line that is shown. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage = `npm run simulate -- FILE --input 'Sheet!B30=normal(0,1)' … --output 'Sheet!D28' …
  --input CELL=DISTRIBUTION       normal(0,1), uniform(0,1), triangular(1,2,4), truncate(normal(0,1),-2,2), empirical(Data!A2:A99), …
  --output CELL                   the cells whose distribution is wanted
  --paths N                       1e6 if not said
  --seed N                        1 if not said
  --correlate CELL,CELL=RHO       rank correlation of two inputs
  --copula WHICH                  gaussian, t:5 (freedom), iman-conover: how they are made to move together
  --sampling METHOD               random, antithetic, latin-hypercube, sobol
  --precision WHAT                mean:0.1% or p95:2000 (half of the 95 % interval); --paths is then the most
  --threshold CELL=VALUE          the probability of an output below it
  --workers N                     all cores if not said
  --backend WHICH                 webassembly, interpreter
  --report FILE                   a page with pictures
  --json                          one last line of JSON`;
