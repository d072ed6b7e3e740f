import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg';

// Declared by neither the ECMAScript library nor Node 20's types.
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: Exports } }>;
};
type Exports = { __wbindgen_start(): void };

/** Prisma's schema engine, bound to one adapter. Its owner calls `free()`. */
export type SchemaEngine = glue.SchemaEngine;

/** Tables and enums that Prisma should leave alone: none. */
export const NO_FILTERS: glue.SchemaFilter = { externalTables: [], externalEnums: [] };

let loading: Promise<void> | undefined;

/**
 * Starts the engine behind `prisma migrate`, here as WebAssembly from the registry: the command itself would
 * download a native one.
 */
export async function startSchemaEngine(adapterFactory: object): Promise<SchemaEngine> {
  loading ??= load();
  await loading;
  return glue.SchemaEngine.new({ datamodels: undefined }, ignoreLogLine, adapterFactory);
}

// The package's own entry imports the module as if it were JavaScript, which Node 20 refuses.
async function load(): Promise<void> {
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm');
  const bytes = await readFile(join(dirname(entry), 'schema_engine_bg.wasm'));
  const imports = Object.entries(glue).map(([name, value]) =>
    // The engine never clears the timer of its wait for the lock: a command that is done would linger for 10
    // s.
    name.startsWith('__wbg_setTimeout') ? [name, startIdleTimer] : [name, value],
  );
  const { instance } = await WebAssembly.instantiate(bytes, {
    './schema_engine_bg.js': Object.fromEntries(imports),
  });

  // The engine hands a panic's message to this global; without one, a TypeError would hide the message.
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: throwPanic } });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}

function throwPanic(message: string): never {
  throw new Error(`Prisma's schema engine panicked: ${message}`);
}

function startIdleTimer(callback: () => void, delayMs: number): NodeJS.Timeout {
  return setTimeout(callback, delayMs).unref();
}

function ignoreLogLine(): void {}
