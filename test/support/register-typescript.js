import { register } from 'node:module';

// `node --import ./test/support/register-typescript.js file.ts`: a process of its own that runs the sources.
register('./typescript-loader.js', import.meta.url);
