import type { DistributionArgument } from '../distributions/cell-arguments.ts';
import { constantOf } from '../distributions/discrete.ts';
import { type Distribution, ParameterError } from '../distributions/distribution.ts';
import { namedDistribution } from '../distributions/named.ts';
import { isProcess, namedProcess, type Process } from '../distributions/process.ts';
import type { Node } from '../formula/ast.ts';
import { parseFormula } from '../formula/parser.ts';
import { FormulaSyntaxError } from '../formula/tokenizer.ts';
import { cellKey, type Workbook } from '../workbook/model.ts';

/**
 * A distribution as people write it, in Excel's own grammar: `normal(0,1)`, `truncate(normal(0,1),-2,2)`,
 * `discrete({1,2},{0.4,0.6})`, `empirical(Data!A2:A99)`, or a number for a constant. Throws ParameterError.
 */
export function readDistribution(text: string, workbook: Workbook): Distribution {
  const node = parsed(text);
  const argument = argumentOf(node, workbook);
  if (typeof argument === 'number') return constantOf(argument);
  if (typeof argument === 'object' && 'quantile' in argument) return argument;
  throw new ParameterError(`"${text}" is no distribution`);
}

/** A price over time as people write it, `gbm(8500, 3%, 28%, 1/12)`; undefined for what is no process. */
export function readProcess(text: string, workbook: Workbook): Process | undefined {
  const node = parsed(text);
  if (node.kind !== 'call' || !isProcess(node.name)) return undefined;
  return namedProcess(
    node.name,
    node.arguments.map((argument) => Number(argumentOf(argument, workbook))),
  );
}

/** The numbers of a range of cells, `Data!A2:A500`. Throws ParameterError. */
export function readNumbers(text: string, workbook: Workbook): readonly number[] {
  const found = argumentOf(parsed(text), workbook);
  if (Array.isArray(found)) return found;
  throw new ParameterError(`"${text}" is no range of cells; write Sheet!A1:A9`);
}

function parsed(text: string): Node {
  try {
    return parseFormula(text);
  } catch (error) {
    if (error instanceof FormulaSyntaxError) throw new ParameterError(`"${text}" cannot be read: ${error.message}`);
    throw error;
  }
}

function argumentOf(node: Node, workbook: Workbook): DistributionArgument {
  switch (node.kind) {
    case 'parentheses':
      return argumentOf(node.inner, workbook);
    case 'negate': {
      const operand = argumentOf(node.operand, workbook);
      if (typeof operand === 'number') return -operand;
      break;
    }
    case 'percent': {
      const operand = argumentOf(node.operand, workbook);
      if (typeof operand === 'number') return operand / 100;
      break;
    }
    case 'binary': {
      const left = argumentOf(node.left, workbook);
      const right = argumentOf(node.right, workbook);
      const value =
        typeof left === 'number' && typeof right === 'number' ? calculated(node.operator, left, right) : undefined;
      if (value !== undefined) return value;
      break;
    }
    case 'constant':
      if (typeof node.value === 'number') return node.value;
      break;
    case 'array':
      return node.rows.flat().map(Number);
    case 'reference':
      return numbersAt(node, workbook);
    case 'call':
      return namedDistribution(
        node.name,
        node.arguments.map((argument) => argumentOf(argument, workbook)),
      );
    default:
      break;
  }
  throw new ParameterError('a distribution takes numbers, {lists}, ranges of cells and other distributions');
}

/** `1/12` and its like. */
function calculated(operator: string, left: number, right: number): number | undefined {
  if (operator === '/') return left / right;
  if (operator === '*') return left * right;
  if (operator === '+') return left + right;
  return operator === '-' ? left - right : undefined;
}

/** The numbers that a range of cells holds; a single cell is a number by itself. */
function numbersAt(node: Node & { kind: 'reference' }, workbook: Workbook): DistributionArgument {
  const name = node.sheet?.first;
  const sheet = workbook.sheets.find((candidate) => candidate.name.toUpperCase() === name?.toUpperCase());
  if (sheet === undefined)
    throw new ParameterError(`a range of cells is written Sheet!A1:A9, and "${name ?? ''}" is no sheet`);
  const numbers: number[] = [];
  const bottom = Math.min(node.bottom.index, sheet.dimension?.bottom ?? 0);
  const right = Math.min(node.right.index, sheet.dimension?.right ?? 0);
  for (let row = node.top.index; row <= bottom; row += 1) {
    for (let column = node.left.index; column <= right; column += 1) {
      const value = sheet.values.get(cellKey(row, column));
      if (typeof value === 'number') numbers.push(value);
    }
  }
  const single = node.top.index === node.bottom.index && node.left.index === node.right.index;
  return single && numbers.length === 1 ? (numbers[0] ?? 0) : numbers;
}
