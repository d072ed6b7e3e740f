import { builder } from './builder.ts';
import { checkGlobalId } from './global-id.ts';

// Not the relay plugin's own fields: those cannot say in which argument an id is wrong.
builder.queryFields((t) => ({
  node: t.node({
    description: 'Any object by its global id; null when it does not exist or is not for the viewer.',
    args: { id: t.arg.id({ required: true, description: 'A global id, from the `id` of any object.' }) },
    id: (_, { id }) => checkGlobalId('id', id),
  }),
  nodes: t.nodeList({
    description: 'Objects by their global ids, in that order; null where `node` would be null.',
    args: { ids: t.arg.idList({ required: true, description: 'Global ids.' }) },
    ids: (_, { ids }) => ids.map((id) => checkGlobalId('ids', id)),
  }),
}));
