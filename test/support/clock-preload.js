// `node --import ./test/support/clock-preload.js`: a program whose wall clock jumps when its parent says by how much.
// Everything that is written in JavaScript asks Date. Timers and performance.now() go by another clock, which does not
// jump in reality either. What Node's own code has kept from before (the Date header of HTTP) stays.
const RealDate = globalThis.Date;
const realNow = RealDate.now;
let shiftMs = 0;

RealDate.now = () => realNow() + shiftMs;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args) => new target(...(args.length === 0 ? [target.now()] : args)),
  apply: (target) => new target(target.now()).toString(),
});
RealDate.prototype.constructor = globalThis.Date;

process.on('message', (milliseconds) => {
  shiftMs += milliseconds;
  process.send(RealDate.now());
});
// Listening for its parent keeps no process alive that is done.
process.channel.unref();
