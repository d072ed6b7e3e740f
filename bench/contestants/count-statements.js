// Preloaded into each measured server after answer-questions.js: counts the SQL statements that it sends, in the one
// place through which pg, and whatever is built on it, sends them.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// The server's own pg, and not another one that lies nearer to this file.
const pg = createRequire(pathToFileURL(process.argv[1]))('pg');

const { query } = pg.Client.prototype;
let statements = 0;

pg.Client.prototype.query = function (...args) {
  statements++;
  return query.apply(this, args);
};

globalThis.benchAnswers.statements = () => statements;
