import test from 'ava';
import { arrayResult, near, result } from '../support/worked-out.ts';

const cells = { A1: 5, A2: 'five', A3: true, B1: '7', B2: '', B3: '#N/A' };

function gives(title: string, rows: readonly (readonly [formula: string, value: unknown])[]) {
  test(title, (t) => {
    for (const [formula, value] of rows) {
      const actual = result(formula, cells);
      t.true(near(actual, value, 1e-14), `${formula} gives ${actual}, not ${value}`);
    }
  });
}

gives('texts turn into numbers where a number is wanted, as if typed', [
  ['"3"+4', 7],
  ['"1,234.5"*1', 1234.5],
  ['"$1,000"*1', 1000],
  ['"(25)"*1', -25],
  ['"12%"*1', 0.12],
  ['" 12 "*1', 12],
  ['"1 1/2"*1', 1.5],
  ['"1/2/2020"*1', 43_832],
  ['"2020-01-02"*1', 43_832],
  ['"2-Jan-2020"*1', 43_832],
  ['"January 2, 2020"*1', 43_832],
  ['"12:30"*1', 0.520833333333333],
  ['"6:00 PM"*1', 0.75],
  ['" 2020-01-02"*1', '#VALUE!'],
  ['"abc"*1', '#VALUE!'],
  ['""*1', '#VALUE!'],
  ['"1e3"*1', 1000],
]);

gives('truths count as 1 and 0, blanks as what stands beside them', [
  ['TRUE+TRUE', 2],
  ['C1+1', 1],
  ['C1&"x"', 'x'],
  ['C1=0', true],
  ['C1=""', true],
  ['C1=FALSE', true],
  ['C1', 0],
]);

gives('numbers come before texts, texts before truths, without regard to case', [
  ['1<"a"', true],
  ['"a"<FALSE', true],
  ['"ABC"="abc"', true],
  ['"a"<"B"', true],
  ['1="1"', false],
  ['"5"=5', false],
]);

gives('comparing sees 15 digits, and a sum that ends a formula snaps to zero', [
  ['0.1+0.2=0.3', true],
  ['1=1+1E-15', true],
  ['1=1+1E-14', false],
  ['0.5-0.4-0.1', 0],
  ['(0.5-0.4-0.1)', -2.7755575615628914e-17],
  ['1*(0.5-0.4-0.1)', -2.7755575615628914e-17],
]);

gives('errors pass through, and the left one first', [
  ['1/0', '#DIV/0!'],
  ['#REF!+#N/A', '#REF!'],
  ['SQRT(-1)', '#NUM!'],
  ['0^0', '#NUM!'],
  ['0^-1', '#DIV/0!'],
  ['(-8)^(1/3)', -2],
  ['10^309', '#NUM!'],
  ['nosuchname', '#NAME?'],
  ['IFERROR(1/0,"safe")', 'safe'],
  ['IFNA(1/0,"safe")', '#DIV/0!'],
  ['SUM(1,"x")', '#VALUE!'],
  ['ABS()', '#VALUE!'],
]);

gives('functions of numbers pass over texts and truths in ranges, but read them in the call', [
  ['SUM(A1:A3)', 5],
  ['SUM(A1,TRUE,"3")', 9],
  ['SUM(B1)', 0],
  ['B1+0', 7],
  ['COUNT(A1:B3)', 1],
  ['COUNT(1,"2",TRUE,"x")', 3],
  ['COUNTA(A1:B3)', 6],
  ['AVERAGEA(A1:A3)', 2],
  ['MAX(A1:A3)', 5],
  ['MAX(C1:C9)', 0],
  ['AVERAGE(C1:C9)', '#DIV/0!'],
]);

gives('numbers turn into texts with 15 digits', [
  ['1/3&""', '0.333333333333333'],
  ['0.1+0.2&""', '0.3'],
  ['1E+20&""', '1E+20'],
  ['1E-5&""', '0.00001'],
  ['-0.5&""', '-0.5'],
  ['123456789012&""', '123456789012'],
  ['TRUE&""', 'TRUE'],
]);

gives('an argument left empty is not one left out', [
  ['IF(TRUE,,1)', 0],
  ['IF(FALSE,1)', false],
  ['ROUND(2.5,)', 3],
  ['VLOOKUP(2,{1,"a";3,"b"},2,)', '#N/A'],
  ['VLOOKUP(2,{1,"a";3,"b"},2)', 'a'],
  ['LEFT("abc",)', ''],
]);

gives('names bound by LET and LAMBDA hide, nest and call themselves through LET', [
  ['LET(x,2,y,x*3,x+y)', 8],
  ['LET(x,1,LET(x,5,x)+x)', 6],
  ['LAMBDA(a,b,a-b)(9,4)', 5],
  ['LAMBDA(a,[b],IF(ISOMITTED(b),a,b))(1)', 1],
  ['LET(twice,LAMBDA(f,v,f(f(v))),twice(LAMBDA(n,n*n),3))', 81],
  ['LET(fact,LAMBDA(self,n,IF(n<2,1,n*self(self,n-1))),fact(fact,10))', 3_628_800],
  ['REDUCE(0,{1,2,3},LAMBDA(a,v,a+v^2))', 14],
  ['SUM(SCAN(0,{1,2,3},LAMBDA(a,v,a+v)))', 10],
  ['SUM(MAP({1,2},{3,4},LAMBDA(a,b,a*b)))', 11],
  ['SUM(BYCOL({1,2;3,4},LAMBDA(c,MAX(c))))', 7],
  ['SUM(BYROW({1,2;3,4},_xleta.MAX))', 6],
  ['SUM(MAKEARRAY(2,3,LAMBDA(r,c,r*c)))', 18],
]);

test('array formulas work through ranges and stretch single rows and columns', (t) => {
  const given = { A1: 1, A2: 2, B1: 10, C1: 20 };
  t.deepEqual(arrayResult('A1:A2*B1:C1', 'E1:F2', given, false), [
    [10, 20],
    [20, 40],
  ]);
  t.deepEqual(arrayResult('A1:A2', 'E1:F3', given, false), [
    [1, 1],
    [2, 2],
    ['#N/A', '#N/A'],
  ]);
  t.deepEqual(arrayResult('5', 'E1:F1', given, false), [[5, 5]]);
  t.deepEqual(arrayResult('IF(A1:A2>1,"big","small")', 'E1:E2', given, false), [['small'], ['big']]);
});

test('a dynamic array spills as far as its result, unless something stands in its way', (t) => {
  t.deepEqual(arrayResult('SEQUENCE(2,2)', 'E1:E1'), [[1]]);
  t.deepEqual(arrayResult('SEQUENCE(2)', 'E1:E3'), [[1], [2], [null]]);
  t.deepEqual(arrayResult('SORT({3;1;2},,-1)', 'E1:E3'), [[3], [2], [1]]);
  t.deepEqual(arrayResult('UNIQUE({"a";"A";"b"})', 'E1:E2'), [['a'], ['b']]);
  t.deepEqual(arrayResult('FILTER({1,2;3,4;5,6},{TRUE;FALSE;TRUE})', 'E1:F2'), [
    [1, 2],
    [5, 6],
  ]);
  t.deepEqual(arrayResult('SEQUENCE(3)', 'E1:E1', { E3: 'here' }), [['#SPILL!']]);
  t.deepEqual(arrayResult('TRANSPOSE({1,2,3})', 'E1:E3'), [[1], [2], [3]]);
  t.deepEqual(arrayResult('HSTACK({1;2},{3})', 'E1:F2'), [
    [1, 3],
    [2, '#N/A'],
  ]);
  t.deepEqual(arrayResult('TEXTSPLIT("a,b;c",",",";")', 'E1:F2'), [
    ['a', 'b'],
    ['c', '#N/A'],
  ]);
  t.deepEqual(arrayResult('TOCOL({1,2;3,4})', 'E1:E4'), [[1], [2], [3], [4]]);
  t.deepEqual(arrayResult('DROP(TAKE({1,2,3;4,5,6},1),,-1)', 'E1:F1'), [[1, 2]]);
  t.deepEqual(arrayResult('SORTBY({"a";"b";"c"},{2;3;1},-1)', 'E1:E3'), [['b'], ['a'], ['c']]);
});

gives('number formats write signs, groups, fractions, powers and conditions as Excel does', [
  ['TEXT(1234.5,"#,##0.00")', '1,234.50'],
  ['TEXT(-0.4,"0")', '0'],
  ['TEXT(0.75,"# ?/?")', ' 3/4'],
  ['TEXT(23.75,"# ?/?")', '23 3/4'],
  ['TEXT(0.3,"# ?/8")', ' 2/8'],
  ['TEXT(123456.789,"0.0e+0")', '1.2e+5'],
  ['TEXT(1E-10,"General")', '1E-10'],
  ['TEXT(1/3,"General")', '0.333333333'],
  ['TEXT(11,"[<10]0"" low""")', '11'],
  ['TEXT(5,"[<10]0"" low""")', '5 low'],
  ['TEXT(TRUE,";;;<@>")', '<TRUE>'],
  ['TEXT(45366,"ddd d mmm yy")', 'Fri 15 Mar 24'],
  ['TEXT(45366,"mm##")', '#VALUE!'],
  ['TEXT(2.5,"[h]:mm:ss")', '60:00:00'],
]);
