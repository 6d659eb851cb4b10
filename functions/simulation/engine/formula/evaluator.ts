import type { CellValue } from '../workbook/model.ts';
import type { Node, Operator } from './ast.ts';
import { broadcast } from './broadcast.ts';
import { type Call, type CellSource, type Moment, type Position, UnsupportedFormula } from './call.ts';
import type { Reading } from './coerce.ts';
import { toNumber } from './coerce.ts';
import type { Definition } from './definition.ts';
import { boundByName, deepest, lookUp, namedValue } from './named-value.ts';
import { type Names, structuredReference } from './names.ts';
import { operate, snapToZero } from './operators.ts';
import { parseFormula } from './parser.ts';
import { implicitIntersection, intersectionCell, operandOf } from './ranges.ts';
import { intersectionOf, referenceOf, type Shift, spanOf, unionOf, unmoved } from './references.ts';
import { type SpecialForm, specialForms } from './special-forms.ts';
import {
  type Argument,
  type ArrayValue,
  arrayOf,
  finite,
  isArray,
  isError,
  isLambda,
  isReference,
  type LambdaValue,
  type Reference,
  type Scope,
  type Value,
  wrongName,
  wrongReference,
  wrongValue,
} from './value.ts';

/** What formulas are worked out in: the cells they read, what names mean, the functions there are, the moment. */
export type Environment = {
  readonly cells: CellSource;
  readonly names: Names;
  readonly functions: ReadonlyMap<string, Definition>;
  readonly reading: Reading;
  readonly moment: Moment;
};

/** Where in a formula evaluation stands. */
export type Frame = Call & {
  readonly environment: Environment;
  readonly scope: Scope | undefined;
  readonly shift: Shift;
  readonly depth: number;
  readonly evaluate: (node: Node, frame: Frame) => Value;
};

/**
 * Works out a formula in a cell. `arrays`: it was entered as an array formula, so ranges stand for all their cells
 * and its result may be an array; a plain formula's range is cut down to the cell beside it.
 * Throws UnsupportedFormula for an unknown function or another workbook.
 */
export function evaluateFormula(
  node: Node,
  position: Position,
  arrays: boolean,
  environment: Environment,
): CellValue | ArrayValue {
  const frame = frameAt(position, arrays, environment);
  // Only a bare sum or difference at the formula's top is rounded to zero.
  if (node.kind !== 'binary' || (node.operator !== '+' && node.operator !== '-'))
    return operandOf(evaluate(node, frame), frame);
  const left = operandOf(evaluate(node.left, frame), frame);
  const right = operandOf(evaluate(node.right, frame), frame);
  const result = operateOn(node.operator, left, right, environment.reading);
  return isArray(result) || isArray(left) ? result : snapToZero(result, toNumber(left, environment.reading));
}

/** A piece of a cell's formula, where a reference stays one. Throws UnsupportedFormula. */
export function evaluatePart(node: Node, position: Position, arrays: boolean, environment: Environment): Value {
  return evaluate(node, frameAt(position, arrays, environment));
}

function frameAt(position: Position, arrays: boolean, environment: Environment): Frame {
  const frame: Frame = {
    position,
    arrays,
    cells: environment.cells,
    reading: environment.reading,
    moment: environment.moment,
    environment,
    scope: undefined,
    shift: unmoved,
    depth: 0,
    evaluate,
    apply: (lambda, given) => applyLambda(lambda, given, { ...frame, arrays: true }),
    referenceFromText: (text) => referenceFromText(text, frame),
  };
  return frame;
}

function evaluate(node: Node, frame: Frame): Value {
  switch (node.kind) {
    case 'constant':
      return node.value;
    case 'empty':
      return null;
    case 'parentheses':
      return evaluate(node.inner, frame);
    case 'array':
      return arrayOf(node.rows);
    case 'reference':
      return referenceOf(node, frame.environment.names, frame.position.sheet, frame.shift);
    case 'structured':
      return structuredReference(node, frame.environment.names, frame.position);
    case 'name':
      return namedValue(node.name, node.sheet, frame);
    case 'call':
      return callFunction(node.name, node.arguments, frame);
    case 'apply':
      return applyValue(evaluate(node.callee, frame), node.arguments, frame);
    case 'binary': {
      const left = operandOf(evaluate(node.left, frame), frame);
      const right = operandOf(evaluate(node.right, frame), frame);
      return operateOn(node.operator, left, right, frame.reading);
    }
    case 'negate':
    case 'percent':
      return signed(node.kind, node.operand, frame);
    case 'plus':
      return operandOf(evaluate(node.operand, frame), frame);
    case 'span':
    case 'intersection':
      return combined(node, frame);
    case 'union':
      return unionOf(node.items.map((item) => referenceIn(item, frame)));
    case 'single':
      return singleValue(evaluate(node.operand, frame), frame);
    case 'spill':
      return spilledArea(referenceIn(node.operand, frame), frame);
  }
}

function operateOn(
  operator: Operator,
  left: CellValue | ArrayValue,
  right: CellValue | ArrayValue,
  reading: Reading,
): CellValue | ArrayValue {
  if (!isArray(left) && !isArray(right)) return operate(operator, left, right, reading);
  return broadcast([left, right], ([a = null, b = null]) => operate(operator, a, b, reading));
}

function signed(sign: 'negate' | 'percent', node: Node, frame: Frame): Value {
  const operand = operandOf(evaluate(node, frame), frame);
  const apply = (value: CellValue): CellValue => {
    const number = toNumber(value, frame.reading);
    if (isError(number)) return number;
    return sign === 'negate' ? -number || 0 : number / 100;
  };
  return isArray(operand) ? broadcast([operand], ([value = null]) => apply(value)) : apply(operand);
}

function combined(node: Node & { kind: 'span' | 'intersection' }, frame: Frame): Value {
  const left = referenceIn(node.left, frame);
  if (isError(left)) return left;
  const right = referenceIn(node.right, frame);
  if (isError(right)) return right;
  return node.kind === 'span' ? spanOf(left, right) : intersectionOf(left, right);
}

function referenceIn(node: Node, frame: Frame): Reference | typeof wrongValue {
  const value = evaluate(node, frame);
  if (isReference(value) || isError(value)) return value;
  return wrongValue;
}

/** `@`: the one value beside the formula, or an array's first. */
function singleValue(value: Value, frame: Frame): Value {
  if (isReference(value)) {
    const area = value.areas[0];
    const place = area && intersectionCell(area, frame);
    if (!area || !place) return implicitIntersection(value, frame);
    const range = { top: place.row, left: place.column, bottom: place.row, right: place.column };
    return { kind: 'reference', areas: [{ sheet: area.sheet, range }] };
  }
  return isArray(value) ? (value.values[0] ?? null) : value;
}

function spilledArea(reference: Reference | typeof wrongValue, frame: Frame): Value {
  if (isError(reference)) return reference;
  const area = reference.areas[0];
  const range = area && frame.cells.spilled(area.sheet, area.range.top, area.range.left);
  return area && range ? { kind: 'reference', areas: [{ sheet: area.sheet, range }] } : wrongReference;
}

function callFunction(name: string, nodes: readonly Node[], frame: Frame): Value {
  // A name that LET or LAMBDA binds hides a function of that name.
  const local = lookUp(name, frame.scope);
  if (local) return applyValue(local.value ?? null, nodes, frame);
  const form: SpecialForm | undefined = specialForms.get(name);
  if (form) return form(nodes, frame);
  const definition = frame.environment.functions.get(name);
  if (definition) {
    const given = nodes.map((node, index) => argumentOf(node, definition.forcesArray(index), frame));
    return callDefinition(definition, given, frame);
  }
  const bound = boundByName(name, frame);
  if (bound) return applyValue(bound.value ?? null, nodes, frame);
  // The mark of a function that Excel itself did not know when it was entered.
  if (/^_xludf\./i.test(name)) return wrongName;
  throw new UnsupportedFormula(name);
}

function argumentOf(node: Node, forcesArray: boolean, frame: Frame): Argument {
  if (node.kind === 'empty') return undefined;
  return evaluate(node, forcesArray && !frame.arrays ? { ...frame, arrays: true } : frame);
}

function callDefinition(definition: Definition, given: readonly Argument[], frame: Frame): Value {
  if (given.length < definition.minimum || given.length > definition.maximum) return wrongValue;
  const result = definition.call(given, frame);
  return typeof result === 'number' ? finite(result) : result;
}

function applyValue(callee: Value, nodes: readonly Node[], frame: Frame): Value {
  if (isError(callee)) return callee;
  if (!isLambda(callee)) return wrongValue;
  return applyLambda(
    callee,
    nodes.map((node) => argumentOf(node, false, frame)),
    frame,
  );
}

function applyLambda(lambda: LambdaValue, given: readonly Argument[], frame: Frame): Value {
  if ('builtIn' in lambda) {
    const definition = frame.environment.functions.get(lambda.builtIn);
    if (!definition) throw new UnsupportedFormula(lambda.builtIn);
    return callDefinition(definition, given, frame);
  }
  if (frame.depth > deepest) return { error: '#NUM!' };
  const required = lambda.parameters.filter((parameter) => !parameter.optional).length;
  if (given.length > lambda.parameters.length || given.length < required) return wrongValue;
  const values = new Map<string, Argument>();
  lambda.parameters.forEach((parameter, index) => {
    values.set(parameter.name.toUpperCase(), given[index]);
  });
  return evaluate(lambda.body, {
    ...frame,
    arrays: true,
    scope: { values, outer: lambda.scope },
    depth: frame.depth + 1,
  });
}

/** What INDIRECT's text names: an A1 reference, a defined name or a table; a workbook that is not open is none. */
function referenceFromText(text: string, frame: Frame): Reference | undefined {
  try {
    const value = evaluate(parseFormula(text), frame);
    if (!isReference(value)) return undefined;
    // Other workbooks come after the sheets of this one.
    return value.areas.every(({ sheet }) => sheet < frame.cells.sheetNames.length) ? value : undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'FormulaSyntaxError') return undefined;
    if (error instanceof UnsupportedFormula && error.feature.startsWith('[')) return undefined;
    throw error;
  }
}
