import { type ASTNode, type DocumentNode, type GraphQLError, Kind, parse, visit } from 'graphql';

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
  const document = parse(node.loc.source);
  if (node.kind !== Kind.VARIABLE_DEFINITION) return holderOf(document, node);
  const path = PATH_IN_VARIABLE.exec(message)?.[1];
  if (path !== undefined && path !== node.variable.name.value) return path;
  const use = useOf(document, node.variable.name.value);
  return use && holderOf(document, use);
}

/** The name of the innermost argument or input field whose value this node is or is part of. */
function holderOf(document: DocumentNode, node: ASTNode): string | undefined {
  let holder: string | undefined;
  const enter = (candidate: ASTNode) => {
    if (candidate.kind !== Kind.ARGUMENT && candidate.kind !== Kind.OBJECT_FIELD) return;
    const { name, value } = candidate;
    if (value.loc && node.loc && value.loc.start <= node.loc.start && node.loc.end <= value.loc.end)
      holder = name.value;
  };
  visit(document, { enter });
  return holder;
}

function useOf(document: DocumentNode, variable: string): ASTNode | undefined {
  let use: ASTNode | undefined;
  visit(document, {
    VariableDefinition: () => false,
    Variable(node) {
      if (node.name.value === variable) use ??= node;
    },
  });
  return use;
}
