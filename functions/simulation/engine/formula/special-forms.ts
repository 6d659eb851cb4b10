import type { CellValue } from '../workbook/model.ts';
import type { Node } from './ast.ts';
import { broadcast } from './broadcast.ts';
import { toLogical, toNumber } from './coerce.ts';
import { compareValues } from './compare.ts';
import type { Frame } from './evaluator.ts';
import { operandOf } from './ranges.ts';
import { type Argument, type ArrayValue, isArray, isError, notAvailable, type Value, wrongValue } from './value.ts';

/** A function that decides itself which of its arguments are worked out. */
export type SpecialForm = (nodes: readonly Node[], frame: Frame) => Value;

/** The functions that branch or bind names; every other one gets its arguments worked out. */
export const specialForms: ReadonlyMap<string, SpecialForm> = new Map<string, SpecialForm>([
  ['IF', conditional],
  ['IFS', firstTrue],
  ['SWITCH', matching],
  ['CHOOSE', chosen],
  ['IFERROR', (nodes, frame) => instead(nodes, frame, isError)],
  ['IFNA', (nodes, frame) => instead(nodes, frame, (value) => isError(value) && value.error === '#N/A')],
  ['LET', bound],
  ['LAMBDA', lambda],
  ['ISOMITTED', omitted],
  ['SINGLE', (nodes, frame) => oneOperand('single', nodes, frame)],
  ['ANCHORARRAY', (nodes, frame) => oneOperand('spill', nodes, frame)],
]);

function operand(node: Node | undefined, frame: Frame): CellValue | ArrayValue {
  return node === undefined || node.kind === 'empty' ? null : operandOf(frame.evaluate(node, frame), frame);
}

function branch(node: Node | undefined, frame: Frame, absent: CellValue): Value {
  if (node === undefined) return absent;
  return node.kind === 'empty' ? null : frame.evaluate(node, frame);
}

function conditional(nodes: readonly Node[], frame: Frame): Value {
  if (nodes.length < 2 || nodes.length > 3) return wrongValue;
  const condition = operand(nodes[0], frame);
  if (!isArray(condition)) {
    const truth = toLogical(condition);
    if (isError(truth)) return truth;
    // An empty branch shows as 0; one that is not written is FALSE.
    return truth ? blankAsZero(branch(nodes[1], frame, true)) : blankAsZero(branch(nodes[2], frame, false));
  }
  const whenTrue = operandOf(branch(nodes[1], frame, true), frame);
  const whenFalse = operandOf(branch(nodes[2], frame, false), frame);
  return broadcast([condition, whenTrue, whenFalse], ([test = null, yes = null, no = null]) => {
    const truth = toLogical(test);
    if (isError(truth)) return truth;
    return truth ? yes : no;
  });
}

function blankAsZero(value: Value): Value {
  return value === null ? 0 : value;
}

/** Works through pairs one by one while tests are scalars; with arrays all are worked out and picked by element. */
function firstTrue(nodes: readonly Node[], frame: Frame): Value {
  if (nodes.length < 2 || nodes.length % 2 !== 0) return wrongValue;
  for (let index = 0; index < nodes.length; index += 2) {
    const test = operand(nodes[index], frame);
    if (isArray(test)) return firstTrueByElement(nodes.slice(index), frame);
    const truth = toLogical(test);
    if (isError(truth)) return truth;
    if (truth) return branch(nodes[index + 1], frame, null);
  }
  return notAvailable;
}

function firstTrueByElement(nodes: readonly Node[], frame: Frame): Value {
  return broadcast(
    nodes.map((node) => operand(node, frame)),
    (values) => {
      for (let index = 0; index < values.length; index += 2) {
        const truth = toLogical(values[index] ?? null);
        if (isError(truth)) return truth;
        if (truth) return values[index + 1] ?? null;
      }
      return notAvailable;
    },
  );
}

function matching(nodes: readonly Node[], frame: Frame): Value {
  if (nodes.length < 3) return wrongValue;
  const subject = operand(nodes[0], frame);
  if (isArray(subject)) return matchingByElement(nodes, frame);
  if (isError(subject)) return subject;
  let index = 1;
  for (; index + 1 < nodes.length; index += 2) {
    const candidate = operand(nodes[index], frame);
    if (isArray(candidate)) return matchingByElement(nodes, frame);
    if (isError(candidate)) return candidate;
    if (sameKind(subject, candidate) && compareValues(subject, candidate) === 0) {
      return branch(nodes[index + 1], frame, null);
    }
  }
  return index < nodes.length ? branch(nodes[index], frame, null) : notAvailable;
}

function matchingByElement(nodes: readonly Node[], frame: Frame): Value {
  return broadcast(
    nodes.map((node) => operand(node, frame)),
    ([subject = null, ...rest]) => {
      if (isError(subject)) return subject;
      let index = 0;
      for (; index + 1 < rest.length; index += 2) {
        const candidate = rest[index] ?? null;
        if (isError(candidate)) return candidate;
        if (sameKind(subject, candidate) && compareValues(subject, candidate) === 0) return rest[index + 1] ?? null;
      }
      return index < rest.length ? (rest[index] ?? null) : notAvailable;
    },
  );
}

function sameKind(a: CellValue, b: CellValue): boolean {
  return a === null || b === null || typeof a === typeof b;
}

function chosen(nodes: readonly Node[], frame: Frame): Value {
  if (nodes.length < 2) return wrongValue;
  const index = operand(nodes[0], frame);
  if (isArray(index)) {
    const choices = nodes.slice(1).map((node) => operand(node, frame));
    return broadcast([index, ...choices], ([at = null, ...values]) => {
      const place = choiceIndex(at, nodes.length, frame);
      return typeof place === 'number' ? (values[place - 1] ?? null) : place;
    });
  }
  const place = choiceIndex(index, nodes.length, frame);
  return typeof place === 'number' ? blankAsZero(branch(nodes[place], frame, null)) : place;
}

function choiceIndex(value: CellValue, count: number, frame: Frame): CellValue {
  const index = toNumber(value, frame.reading);
  if (isError(index)) return index;
  const whole = Math.trunc(index);
  return whole >= 1 && whole < count ? whole : wrongValue;
}

function instead(nodes: readonly Node[], frame: Frame, isReplaced: (value: CellValue) => boolean): Value {
  if (nodes.length !== 2) return wrongValue;
  const value = operand(nodes[0], frame);
  if (!isArray(value)) return blankAsZero(isReplaced(value) ? operand(nodes[1], frame) : value);
  const replacement = operand(nodes[1], frame);
  if (!isArray(replacement)) {
    return broadcast([value], ([element = null]) => (isReplaced(element) ? replacement : (element ?? 0)));
  }
  return broadcast([value, replacement], ([element = null, other = null]) =>
    isReplaced(element) ? other : (element ?? 0),
  );
}

/** `LET(a, 1, b, a+1, a*b)`: each name is bound for what follows it. */
function bound(nodes: readonly Node[], frame: Frame): Value {
  if (nodes.length < 3 || nodes.length % 2 === 0) return wrongValue;
  let inner = frame;
  for (let index = 0; index + 1 < nodes.length; index += 2) {
    const name = parameterName(nodes[index]);
    const node = nodes[index + 1];
    if (name === undefined || node === undefined) return wrongValue;
    const value: Argument = node.kind === 'empty' ? undefined : inner.evaluate(node, inner);
    inner = { ...inner, scope: { values: new Map([[name.name.toUpperCase(), value]]), outer: inner.scope } };
  }
  const last = nodes.at(-1);
  return last ? inner.evaluate(last, inner) : wrongValue;
}

function lambda(nodes: readonly Node[], frame: Frame): Value {
  const body = nodes.at(-1);
  const parameters = nodes.slice(0, -1).map(parameterName);
  if (body === undefined || parameters.includes(undefined)) return wrongValue;
  return {
    kind: 'lambda',
    parameters: parameters.filter((parameter) => parameter !== undefined),
    body,
    scope: frame.scope,
  };
}

/** A name; in square brackets it may be left out by the caller. */
function parameterName(node: Node | undefined): { name: string; optional: boolean } | undefined {
  if (node?.kind === 'name' && node.sheet === undefined) return { name: node.name, optional: false };
  // Names such as "x1" read as cells too: Excel forbids them here.
  if (node?.kind === 'structured' && node.table === '' && node.columns) {
    return { name: node.columns.first.replace(/^_xlpm\.|^_xlop\./i, ''), optional: true };
  }
  return undefined;
}

function omitted(nodes: readonly Node[], frame: Frame): Value {
  const node = nodes[0];
  if (node?.kind !== 'name') return false;
  const key = node.name.toUpperCase();
  for (let scope = frame.scope; scope; scope = scope.outer) {
    if (scope.values.has(key)) return scope.values.get(key) === undefined;
  }
  return false;
}

function oneOperand(kind: 'single' | 'spill', nodes: readonly Node[], frame: Frame): Value {
  const [node] = nodes;
  return node === undefined ? wrongValue : frame.evaluate({ kind, operand: node }, frame);
}
