// The rows that need no server: tokens made and checked, requests answered. Each round runs every contender once, in an order of its own;
// a ratio is taken within a round, of CPU time, so that what else the machine does falls on both sides.
const path = require('path');
const { Worker } = require('./worker');
const verify = require('./verify');
const { build, root, rounds, slice_ms } = require('./settings');

const rows = [
  { id: 'make', title: 'making one HS256 token', ours: 'make-ours',
    peers: ['make-floor', 'make-libjwt', 'make-jsonwebtoken-8', 'make-jsonwebtoken', 'make-fast-jwt', 'make-jose', 'make-prosody'],
    goals: [{ against: ['make-floor'], least: 0.8, says: '≥ 0.8 of the floor' }] },
  { id: 'check', title: 'checking one token', ours: 'check-ours',
    peers: ['check-libjwt', 'check-jsonwebtoken-8', 'check-jsonwebtoken', 'check-fast-jwt', 'check-jose', 'check-prosody', 'check-lua'],
    goals: [{ against: ['check-libjwt', 'check-jsonwebtoken-8', 'check-jsonwebtoken'], least: 3, says: '≥ 3 × the faster of libjwt and jsonwebtoken' }] },
  { id: 'check-lua', title: 'checking one token, called from Lua, its claims a Lua table', ours: 'check-lua', peers: ['check-ours'],
    goals: [{ against: ['check-ours'], least: 0.75, says: '≥ 0.75 of C' }] },
  { id: 'answer', title: 'request bytes → reply bytes, C core', ours: 'answer-ours',
    peers: ['answer-jansson-floor', 'answer-jansson-libjwt', 'answer-stream'],
    goals: [{ against: ['answer-jansson-floor'], least: 0.95, says: '≥ 0.95 of jansson + floor' }, { rate: 400000, says: '≥ 400,000/s' }] },
  { id: 'answer-lua', title: 'the same called from Lua, a read of 64 requests in one call, as a link has it', ours: 'answer-lua-read', peers: ['answer-ours', 'answer-lua'],
    goals: [{ against: ['answer-ours'], least: 0.9, says: '≥ 0.9 of the C core' }] },
];

const labels = {
  'make-ours': 'skotos_bridge', 'make-floor': 'floor (C)', 'make-libjwt': 'libjwt', 'make-jsonwebtoken-8': 'jsonwebtoken 8.5.1',
  'make-jsonwebtoken': 'jsonwebtoken 9', 'make-fast-jwt': 'fast-jwt', 'make-jose': 'jose', 'make-prosody': "Prosody's util.jwt",
  'check-ours': 'skotos_bridge', 'check-libjwt': 'libjwt', 'check-jsonwebtoken-8': 'jsonwebtoken 8.5.1', 'check-jsonwebtoken': 'jsonwebtoken 9',
  'check-fast-jwt': 'fast-jwt', 'check-jose': 'jose', 'check-prosody': "Prosody's util.jwt", 'check-lua': 'skotos_bridge, from Lua',
  'answer-ours': 'skotos_bridge', 'answer-jansson-floor': 'jansson + floor', 'answer-jansson-libjwt': 'jansson + libjwt',
  'answer-stream': 'skotos_bridge, cut, guarded, padded to 8192', 'answer-lua': 'from Lua, one request in one call', 'answer-lua-read': 'skotos_bridge, from Lua',
};

function shuffled(list) {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) { const k = Math.floor(Math.random() * (i + 1)); [out[i], out[k]] = [out[k], out[i]]; }
  return out;
}

function start() {
  const node = (library) => new Worker(process.execPath, [path.join(__dirname, 'contenders.js'), library]);
  const c = new Worker(path.join(build, 'contenders'), []);
  const lua = new Worker('lua5.4', [path.join(__dirname, 'contenders.lua')], { cwd: root, env: { ...process.env, LUA_CPATH: `${root}/build/?.so;;` } });
  const libraries = Object.fromEntries(['jsonwebtoken-8', 'jsonwebtoken', 'fast-jwt', 'jose'].map((name) => [name, node(name)]));
  const worker_of = (name) => libraries[name.split('-').slice(1).join('-')] || (/-(lua|lua-read|prosody)$/.test(name) ? lua : c);
  return { worker_of, all: [c, lua, ...Object.values(libraries)] };
}

// Gives the rows with `per_second`: contender -> a figure for each round.
async function run(progress) {
  const { worker_of, all } = start();
  const names = [...new Set(rows.flatMap((row) => [row.ours, ...row.peers]))];
  const figures = Object.fromEntries(names.map((name) => [name, []]));
  progress('compilers and caches warm up');
  for (const name of names) await worker_of(name).ask(`${name} ${slice_ms * 2}`);
  for (let round = 1; round <= rounds; round++) {
    for (const name of shuffled(names)) {
      progress(`round ${round} of ${rounds}: ${name}`);
      const [, count, ns, sample] = (await worker_of(name).ask(`${name} ${slice_ms}`)).split(' ');
      await verify.sample(sample, name);
      figures[name].push(Number(count) / (Number(ns) / 1e9));
    }
  }
  for (const worker of all) worker.end();
  return rows.map((row) => ({
    ...row, unit: 'per second of CPU time', better: 'more',
    contenders: [row.ours, ...row.peers].map((name) => ({ name, label: labels[name], figures: figures[name] })),
  }));
}
module.exports = { run };
