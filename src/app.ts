import type { Config } from './config.ts';
import { createAnswerError } from './edge/answer-errors.ts';
import { DirectPosts } from './edge/direct-posts.ts';
import { longestStopMs } from './edge/drain.ts';
import { Executor } from './edge/execute.ts';
import { type DemoViewer, graphiqlOptions } from './edge/graphiql.ts';
import { createAuthenticate } from './edge/identity.ts';
import type { KeySetOptions } from './edge/key-set.ts';
import { KnownDocuments } from './edge/known-documents.ts';
import { KnownUsers } from './edge/known-users.ts';
import { LearnedHeaders } from './edge/learned-headers.ts';
import { createAdmission } from './edge/limits/admission.ts';
import { Quota } from './edge/limits/quota.ts';
import { createRateLimits, type RateLimits } from './edge/limits/rate-limits.ts';
import { createFindDocument, readOperations } from './edge/listed-operations.ts';
import { Metrics, type ReplicaMetrics } from './edge/metrics.ts';
import { HttpServer } from './edge/server.ts';
import { createSockets } from './edge/sockets.ts';
import { createGraphQL } from './edge/yoga.ts';
import { MIN_SECRET_CHARACTERS } from './environment.ts';
import { Cleanup } from './lib/cleanup.ts';
import type { Logger } from './lib/log.ts';
import { Inbox } from './messaging/inbox/inbox.ts';
import { Messaging } from './messaging/messaging.ts';
import { openBus } from './open-bus.ts';
import { openDatabase, whyNotReady } from './open-database.ts';
import { DEMO_PEER, DEMO_VIEWER } from './operations/demo/people.ts';
import { keptSecret } from './operations/kept-secret.ts';
import { signToken } from './operations/sign-token.ts';
import { encodeGlobalId } from './schema/global-id.ts';
import { schema } from './schema/schema.ts';
import { forgetOld, startHousekeeping } from './storage/housekeeping.ts';
import { inboxLog } from './storage/inbox-log.ts';
import { READ_STRATEGIES, type ReadStrategy } from './storage/readers/readers.ts';
import { openRedis } from './storage/redis.ts';
import type { Replicas } from './storage/replicas/replicas.ts';
import { reports } from './storage/reports.ts';
import { keepMonthsAhead } from './storage/scaling/partitioning/ahead.ts';
import { openSnapshot } from './storage/snapshot.ts';
import { userDirectory } from './storage/user-directory.ts';
import { messageWriter } from './storage/writer.ts';

/** A running server. Disposing it drains it and closes all that it has opened. */
export interface App extends AsyncDisposable {
  /** Of the GraphQL endpoint. */
  readonly url: string;
  /** The database that was started for it; holds a password. `null` when it was given one. */
  readonly embeddedDatabaseUrl: string | null;
  /** After which disposing it is not worth waiting for: it hangs in a database that does not answer. */
  readonly longestStopMs: number;
}

const NEVER = new AbortController().signal;

/**
 * Puts the parts together and starts them, in the order of the data's way from the database to the network.
 * @param stop what a start that waits for its database is given up by
 * @throws an error whose message tells the operator what to do.
 */
export async function startApp(config: Config, log: Logger, stop = NEVER): Promise<App> {
  const cleanup = new Cleanup();
  try {
    const database = await openDatabase(config, log, cleanup, stop);
    const { reader, prisma, pool, replicas } = database;

    const bus = cleanup.use(openBus(config, database, log));
    const inbox = cleanup.use(new Inbox(inboxLog(database.executor), bus, logged(log, 'inbox sweep')));
    cleanup.use(
      startHousekeeping(
        [
          (signal) => forgetOld(pool, config.retentionDays, signal),
          (signal) => keepMonthsAhead(pool, database.directUrl, signal),
        ],
        logged(log, 'housekeeping'),
      ),
    );
    const { upkeep }: ReadStrategy = READ_STRATEGIES[config.readStrategy];
    if (upkeep !== undefined) {
      const chore = (signal: AbortSignal) => upkeep.work(pool, database.directUrl, signal);
      cleanup.use(startHousekeeping([chore], logged(log, 'upkeep of the read strategy'), upkeep.intervalMs));
    }
    const writer = messageWriter(database.executor);
    const messaging = new Messaging({
      reader,
      writer,
      reports: reports(pool, replicas),
      inbox,
      bus,
    });

    const answerError = createAnswerError(log);
    const secret = await jwtSecret(config);
    if (secret !== null && secret.length < MIN_SECRET_CHARACTERS)
      log.warn('AUTH_JWT_SECRET is short enough to be guessed; production would not start with it');
    const users = cleanup.use(
      new KnownUsers(userDirectory(prisma, database.executor), logged(log, 'check of the known users')),
    );
    const authenticate = createAuthenticate({ ...config.auth, secret, keys: keySet(config, log) }, users);
    const metrics = new Metrics({
      sockets: () => sockets.count,
      subscriptions: () => inbox.followerCount,
      pool: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
      replicas: replicas && (() => replicaMetrics(replicas)),
      cacheReads: database.cacheReads,
    });
    const { allowedOrigins, maxBodyBytes, documents } = config;
    const executor = new Executor({
      messaging,
      openSnapshot: () => openSnapshot(pool, database.createReader),
      answerError,
      admit: createAdmission({
        maxCost: documents.maxCost,
        rates: openRateLimits(config, log, cleanup),
      }),
      subscriptionQuota: new Quota(config.maxViewerSubscriptions),
      maxAnswerCharacters: documents.maxAnswerCharacters,
      suggestions: documents.introspection,
      compiles: config.fastPath,
      metrics,
      onViewerGone: (viewer) => users.suspect(viewer),
    });
    const listed = documents.listFile === null ? new Map() : await readOperations(documents.listFile, schema);
    const findDocument = createFindDocument(listed, documents.onlyListed);
    const known = new KnownDocuments();
    const headers = new LearnedHeaders();
    const graphql = createGraphQL({
      schema,
      executor,
      authenticate,
      answerError,
      allowedOrigins,
      maxBodyBytes,
      limits: documents,
      documents: known,
      findDocument,
      introspection: documents.introspection,
      graphiql: config.production
        ? null
        : async () => graphiqlOptions(await demoViewer(config, secret, messaging)),
    });
    const sockets = createSockets({
      graphql,
      authenticate,
      answerError,
      allowedOrigins,
      maxMessageBytes: maxBodyBytes,
      executor,
      findDocument,
      limits: config.sockets,
      log,
    });
    const server = cleanup.use(
      new HttpServer({
        graphql,
        directPosts: config.fastPath
          ? new DirectPosts({
              schema,
              executor,
              authenticate,
              findDocument,
              documents: known,
              headers,
              maxBodyBytes,
              onAnswer: () => metrics.countDirectPost(),
            })
          : null,
        headers,
        sockets,
        metrics,
        notReady: () => whyNotReady(database, log),
        log,
        requestTimeoutMs: config.requestTimeoutMs,
        idleTimeoutMs: config.idleTimeoutMs,
        shutdown: config.shutdown,
      }),
    );
    const url = await server.listen(config.host, config.port);
    return {
      url: `${url}/graphql`,
      embeddedDatabaseUrl: database.embedded ? database.url : null,
      longestStopMs: longestStopMs(config.shutdown),
      [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
    };
  } catch (error) {
    await cleanup[Symbol.asyncDispose]();
    throw error;
  }
}

function openRateLimits({ rates }: Config, log: Logger, cleanup: Cleanup): RateLimits | null {
  if (rates === null) return null;
  const redis =
    rates.redisUrl === null
      ? null
      : cleanup.use(
          openRedis(rates.redisUrl, (error) =>
            log.warn({ err: error }, 'rate limits: Redis lost; until it is back each node counts for itself'),
          ),
        );
  return createRateLimits(rates, redis?.client ?? null);
}

async function jwtSecret({ auth, database }: Config): Promise<string | null> {
  if (auth.secret !== null || auth.jwks !== null || database.kind === 'external') return auth.secret;
  return keptSecret(database.directory);
}

function keySet({ auth: { jwks } }: Config, log: Logger): KeySetOptions | null {
  return jwks && { ...jwks, onError: logged(log, "keys of the tokens' issuer") };
}

/** Whom GraphiQL is signed in as, where there is demo data. */
async function demoViewer(
  { auth, database }: Config,
  secret: string | null,
  messaging: Messaging,
): Promise<DemoViewer | null> {
  if (database.kind === 'external' || secret === null) return null;
  const token = await signToken({ ...auth, secret, sub: DEMO_VIEWER, admin: false, ttl: '1 day' });
  const peer = await messaging.ports.reader.userByName(DEMO_PEER);
  const peerId = peer === null ? '' : encodeGlobalId('User', peer.id);
  return { name: DEMO_VIEWER, token, peer: { name: DEMO_PEER, id: peerId } };
}

function replicaMetrics({ reads, inUse, all }: Replicas): ReplicaMetrics {
  return {
    reads,
    inUse: inUse.length,
    lagSeconds: all.map(({ name, lagMs }) => [name, lagMs === null ? null : lagMs / 1_000]),
  };
}

function logged(log: Logger, what: string): (error: unknown) => void {
  return (error) => log.warn({ err: error }, `${what}: failed, and will be tried again`);
}
