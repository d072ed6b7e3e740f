import { type DocumentNode, Kind, type SelectionNode } from 'graphql';
import { QueryTooComplex } from '../../messaging/errors.ts';
import { fragmentsIn } from '../fragments.ts';

export interface ShapeLimits {
  readonly maxDepth: number;
  readonly maxAliases: number;
  readonly maxDirectives: number;
  readonly maxFieldRepeats: number;
}

interface Shape {
  depth: number;
  aliases: number;
  directives: number;
}

/**
 * Looks at what a document asks for before anything else does: validation alone takes seconds for some that this refuses
 * in microseconds. A fragment counts at each use and is measured once, so that fragments which double each other cost
 * no more than they have characters.
 * @throws QueryTooComplex with the bound that is passed.
 */
export function checkShape(document: DocumentNode, limits: ShapeLimits): void {
  const fragments = fragmentsIn(document);
  const measured = new Map<string, Shape>();

  function measureFragment(name: string): Shape {
    const known = measured.get(name);
    if (known !== undefined) return known;
    // One that leads back to itself, or to none, is refused by validation.
    measured.set(name, { depth: 0, aliases: 0, directives: 0 });
    const fragment = fragments.get(name);
    const shape = measure(fragment?.selectionSet.selections ?? []);
    shape.directives += fragment?.directives?.length ?? 0;
    measured.set(name, shape);
    return shape;
  }

  function measure(selections: readonly SelectionNode[]): Shape {
    const shape = { depth: 0, aliases: 0, directives: 0 };
    addAll(selections, shape, new Map());
    return shape;
  }

  function addAll(selections: readonly SelectionNode[], shape: Shape, seen: Map<string, number>): void {
    for (const selection of selections) {
      shape.directives += selection.directives?.length ?? 0;
      switch (selection.kind) {
        case Kind.FIELD:
          countRepeat(selection.name.value, seen);
          if (selection.alias !== undefined) shape.aliases++;
          add(shape, measure(selection.selectionSet?.selections ?? []), 1);
          break;
        case Kind.INLINE_FRAGMENT:
          addAll(selection.selectionSet.selections, shape, seen);
          break;
        case Kind.FRAGMENT_SPREAD:
          countRepeat(`...${selection.name.value}`, seen);
          add(shape, measureFragment(selection.name.value), 0);
          break;
      }
    }
  }

  function countRepeat(name: string, seen: Map<string, number>): void {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    check('times one field in a selection', count, limits.maxFieldRepeats);
  }

  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth, aliases, directives } = measure(definition.selectionSet.selections);
    check('levels of fields', depth, limits.maxDepth);
    check('aliases', aliases, limits.maxAliases);
    const own = [definition, ...(definition.variableDefinitions ?? [])];
    const all = own.reduce((sum, each) => sum + (each.directives?.length ?? 0), directives);
    check('directives', all, limits.maxDirectives);
  }
}

function add(shape: Shape, inner: Shape, levels: number): void {
  shape.depth = Math.max(shape.depth, inner.depth + levels);
  shape.aliases += inner.aliases;
  shape.directives += inner.directives;
}

function check(what: string, found: number, most: number): void {
  if (found > most) throw new QueryTooComplex(`An operation may have at most ${most} ${what}.`);
}
