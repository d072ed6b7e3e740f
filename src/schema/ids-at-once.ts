import { type GraphQLSchema, isInterfaceType } from 'graphql';
import { encodeGlobalId } from './global-id.ts';

interface NodeOptions {
  readonly id: { readonly resolve: (node: unknown) => string };
}

/**
 * Lets every node give its global id at once. The relay plugin awaits what is there already, three times an id, and a page
 * of 50 messages with their people has 150 of them.
 */
export function givingIdsAtOnce(schema: GraphQLSchema): GraphQLSchema {
  const node = schema.getType('Node');
  if (!isInterfaceType(node)) throw new Error('The schema has no interface Node.');
  for (const type of schema.getPossibleTypes(node)) {
    const { id } = type.extensions['pothosOptions'] as NodeOptions;
    const field = type.getFields()['id'];
    if (field === undefined) continue;
    field.resolve = (object) => encodeGlobalId(type.name, id.resolve(object));
    field.extensions = { ...field.extensions, isPlainText: true, isOfObjectAlone: true };
  }
  return schema;
}
