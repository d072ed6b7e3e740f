import { expect, test } from '@jest/globals';
import { type DocumentNode, Kind, parse } from 'graphql';
import { schema } from '../../../src/schema/schema.ts';
import { OPERATIONS } from './operations/all.ts';

const ROOT_TYPES = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];

test('every field that an operation can begin with is among the operations whose plans are tested', () => {
  const fields = ROOT_TYPES.flatMap((type) => Object.keys(type?.getFields() ?? {}));
  const tested = new Set(OPERATIONS.flatMap(({ query }) => rootFieldsOf(parse(query))));
  expect([...tested].sort()).toEqual(fields.sort());
});

function rootFieldsOf({ definitions }: DocumentNode): string[] {
  return definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? definition.selectionSet.selections.flatMap((field) =>
          field.kind === Kind.FIELD ? [field.name.value] : [],
        )
      : [],
  );
}
