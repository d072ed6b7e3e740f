// What most people would write: Yoga, Pothos with its Prisma plugin, and Prisma, as their documentation shows them.
import { createServer } from 'node:http';
import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import { getDatamodel } from '@pothos/plugin-prisma/generated';
import RelayPlugin from '@pothos/plugin-relay';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '@prisma/client';
import { createYoga } from 'graphql-yoga';
import { announceServer } from './serve.js';
import { subjectOf } from './viewer.js';

const prisma = new PrismaClient({
  adapter: new PrismaPg({
    connectionString: process.env.DATABASE_URL,
    max: Number(process.env.DATABASE_POOL_SIZE),
  }),
});

const builder = new SchemaBuilder({
  plugins: [PrismaPlugin, RelayPlugin],
  prisma: { client: prisma, dmmf: getDatamodel() },
});

builder.scalarType('DateTime', { serialize: (date) => date.toISOString() });

builder.prismaObject('User', {
  fields: (t) => ({ id: t.exposeID('id'), username: t.exposeString('username') }),
});

builder.prismaObject('Message', {
  fields: (t) => ({
    id: t.exposeID('id'),
    sender: t.relation('sender'),
    receiver: t.relation('receiver'),
    messageText: t.exposeString('messageText'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    isRead: t.exposeBoolean('isRead'),
  }),
});

const Conversation = builder.objectRef('Conversation').implement({
  fields: (t) => ({
    messages: t.prismaConnection({
      type: 'Message',
      cursor: 'id',
      resolve: (query, { peerId }, _, { viewer }) =>
        prisma.message.findMany({
          ...query,
          where: {
            OR: [
              { senderId: viewer.id, receiverId: peerId },
              { senderId: peerId, receiverId: viewer.id },
            ],
          },
          orderBy: { id: 'desc' },
        }),
    }),
  }),
});

builder.queryType({
  fields: (t) => ({
    message: t.prismaField({
      type: 'Message',
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: (query, _, { id }, { viewer }) =>
        prisma.message.findFirst({
          ...query,
          where: { id: Number(id), OR: [{ senderId: viewer.id }, { receiverId: viewer.id }] },
        }),
    }),
    conversation: t.field({
      type: Conversation,
      args: { with: t.arg.id({ required: true }) },
      resolve: (_, args) => ({ peerId: Number(args.with) }),
    }),
  }),
});

const yoga = createYoga({
  schema: builder.toSchema(),
  graphiql: false,
  context: async ({ request }) => ({
    viewer: await prisma.user.findUniqueOrThrow({
      where: { externalId: subjectOf(request.headers.get('authorization')) },
    }),
  }),
});

announceServer(createServer(yoga));
