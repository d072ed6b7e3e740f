import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';
import type { Context } from './context.ts';

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      requiresViewer: RequiresViewer<Types>;
    }
  }
}

type Resolver<Types extends SchemaTypes> = GraphQLFieldResolver<unknown, Types['Context'], object>;

/**
 * Every field of Query, Mutation and Subscription is for users alone, those to come, too. (Pothos' scope-auth plugin can
 * do much more, and keeps a cache for each operation.)
 */
class RequiresViewer<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(resolve: Resolver<Types>, field: PothosOutputFieldConfig<Types>): Resolver<Types> {
    return field.kind === 'Query' || field.kind === 'Mutation' ? forViewers(resolve) : resolve;
  }

  override wrapSubscribe(
    subscribe: Resolver<Types> | undefined,
    _field: PothosOutputFieldConfig<Types>,
  ): Resolver<Types> | undefined {
    return subscribe && forViewers(subscribe);
  }
}

function forViewers<Types extends SchemaTypes>(resolve: Resolver<Types>): Resolver<Types> {
  return (parent, args, context, info) => {
    // Throws where there is none.
    void (context as Context).viewer;
    return resolve(parent, args, context, info);
  };
}

export const requiresViewer = 'requiresViewer';
SchemaBuilder.registerPlugin(requiresViewer, RequiresViewer);
