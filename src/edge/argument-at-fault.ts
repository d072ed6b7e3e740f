import { type ASTNode, type GraphQLError, Kind, parse, type Source, visit } from 'graphql';

/** What graphql writes of something that is not there, and so has no place in the document. */
const MISSING = /argument "(\w+)" of |^Argument "(\w+)" of |Field "(?:\w+\.)?(\w+)" of required type/;
/** The way into a variable's value: at "input.messageText", at "ids[2]". */
const PATH_IN_VARIABLE = / at "(?:[^"]*\.)?(\w+)(?:\[\d+\])*"; /;

/**
 * The argument or input field that graphql itself found wrong, in the document or in a variable's value; `undefined`
 * when the fault is elsewhere.
 */
export function argumentAtFault({ message, nodes }: GraphQLError): string | undefined {
  const [node] = nodes ?? [];
  if (node === undefined) return undefined;
  if (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD) return node.name.value;
  const missing = MISSING.exec(message)?.slice(1).find(Boolean);
  if (missing !== undefined) return missing;
  if (node.loc === undefined) return undefined;
  const document = readDocument(node.loc.source);
  if (node.kind !== Kind.VARIABLE_DEFINITION) return holderOf(document, node.loc);
  const path = PATH_IN_VARIABLE.exec(message)?.[1];
  if (path !== undefined && path !== node.variable.name.value) return path;
  const use = document.uses.get(node.variable.name.value);
  return use && holderOf(document, use);
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** What of a document tells where a node belongs. */
interface Places {
  /** The values of arguments and input fields, outer ones first. */
  readonly holders: readonly (Range & { readonly name: string })[];
  /** Where each variable is first used. */
  readonly uses: ReadonlyMap<string, Range>;
}

/** One document may have a hundred faults. */
const read = new WeakMap<Source, Places>();

function readDocument(source: Source): Places {
  const known = read.get(source);
  if (known !== undefined) return known;
  const holders: (Range & { name: string })[] = [];
  const uses = new Map<string, Range>();
  const hold = ({ name, value }: Extract<ASTNode, { kind: Kind.ARGUMENT | Kind.OBJECT_FIELD }>) => {
    if (value.loc) holders.push({ start: value.loc.start, end: value.loc.end, name: name.value });
  };
  visit(parse(source), {
    Argument: hold,
    ObjectField: hold,
    VariableDefinition: () => false,
    Variable({ name, loc }) {
      if (loc && !uses.has(name.value)) uses.set(name.value, loc);
    },
  });
  const places = { holders, uses };
  read.set(source, places);
  return places;
}

/** The name of the innermost argument or input field whose value this is or is part of. */
function holderOf({ holders }: Places, { start, end }: Range): string | undefined {
  return holders.findLast((holder) => holder.start <= start && end <= holder.end)?.name;
}
