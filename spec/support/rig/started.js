// What this process has started and not yet ended: things with kill() (at once, whatever state they are in) and stop().
module.exports = new Set();
