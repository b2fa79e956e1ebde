// What all parts of the bench agree on, and how long it runs. BENCH_QUICK=1: a look in two minutes, with fewer and shorter rounds.
const path = require('path');

const quick = Boolean(process.env.BENCH_QUICK);
const root = path.resolve(__dirname, '..');

module.exports = {
  quick, root,
  build: path.join(root, 'build/bench'),
  // As in contenders.h, contenders.lua and the specs' Prosody.
  SECRET: 'a-secret-for-the-specs-of-40-characters!',
  NAME: 'Bob', CHANNEL: 'jitsi_chat_default', VALID_FOR: 600,
  rounds: Number(process.env.BENCH_ROUNDS) || (quick ? 3 : 9),
  slice_ms: quick ? 60 : 250, // CPU time of one contender in one round
};
