import { type GraphQLSchema, isInterfaceType, isIntrospectionType, isObjectType } from 'graphql';
import { adviceOnArgument, FILLED, placesOf } from './arguments.ts';
import { adviceOnField, LISTED } from './policy.ts';
import { questionsOf } from './questions.ts';

/** `Type.field` of all that the schema's own types have. */
export function fieldsOf(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap()).flatMap((type) =>
    (isObjectType(type) || isInterfaceType(type)) && !isIntrospectionType(type)
      ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`)
      : [],
  );
}

/** A sentence for each thing that the suite lacks, or has though the schema does not: it says what to do. */
export function complaintsAbout(schema: GraphQLSchema): string[] {
  const fields = fieldsOf(schema);
  const questions = questionsOf(schema);
  const places = [...new Set(questions.flatMap(placesOf))];
  const asked = new Set(
    questions.flatMap(({ steps }) => steps.map(({ parent, field }) => `${parent}.${field}`)),
  );
  return [
    ...without(fields, LISTED).map(adviceOnField),
    ...without(places, FILLED).map(adviceOnArgument),
    ...without(fields, [...asked]).map(
      (field) => `${field} is on no way that test/access/questions.ts finds: extend it.`,
    ),
    ...without(LISTED, fields).map(
      (field) => `${field} is not in the schema: take its line out of POLICY in test/access/policy.ts.`,
    ),
    ...without(FILLED, places).map(
      (place) => `${place} is not in the schema: take its line out of ARGUMENTS in test/access/arguments.ts.`,
    ),
  ];
}

function without(all: readonly string[], known: readonly string[]): string[] {
  return all.filter((each) => !known.includes(each));
}
