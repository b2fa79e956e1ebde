// What this process has started and not yet ended: things with kill() (at once, whatever state they are in) and stop(). They end with it,
// also when it ends by an error of its own.
const started = new Set();
process.on('exit', () => { for (const thing of started) thing.kill(); });
module.exports = started;
