import { type ASTVisitor, GraphQLError, type ValidationContext, validate } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { ErrorCode } from '../messaging/errors.ts';

/** Shows no schema: neither by introspection nor by "Did you mean …" in the errors of a guess. */
export const hidesSchema: Plugin = {
  onValidate({ addValidationRule, setValidationFn }) {
    addValidationRule(NoIntrospection);
    setValidationFn((schema, document, rules) =>
      validate(schema, document, rules, { hideSuggestions: true }),
    );
  },
};

function NoIntrospection(context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      if (node.name.value !== '__schema' && node.name.value !== '__type') return;
      const extensions = { code: 'FORBIDDEN' satisfies ErrorCode };
      context.reportError(
        new GraphQLError('This server does not show its schema.', { nodes: node, extensions }),
      );
    },
  };
}
