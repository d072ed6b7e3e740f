// PostGraphile as its documentation shows it: a schema made from the database's tables, and SQL functions for what they
// do not say by themselves.
import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { announceServer } from '../serve.js';
import { subjectOf } from '../viewer.js';

const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      poolConfig: { max: Number(process.env.DATABASE_POOL_SIZE) },
      schemas: ['public', 'postgraphile'],
    }),
  ],
  grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false },
  grafast: {
    context: ({ node: { req } }) => ({
      pgSettings: { 'jwt.claims.sub': subjectOf(req.headers.authorization) },
    }),
  },
};

const server = createServer();
const serv = postgraphile(preset).createServ(grafserv);
await serv.addTo(server);
await serv.ready();
announceServer(server);
