// Whose the instructions are that a login by token, a login over a game's link and a token's check from Lua cost, by valgrind's callgrind
// beside what each is measured against: the same on a busy machine. The kernel's are not among them. Part of make bench-instructions.
const fs = require('fs');
const path = require('path');
const { execFileSync } = require('child_process');
const { Prosody } = require('./prosody');
const { Worker } = require('./worker');
const { build, root } = require('./settings');
const { once, token } = require('./logins');
const { linked, ways } = require('./link');

// What a function belongs to, by its object; the first that fits.
const OWNERS = [
  ['this module, C', /skotos_bridge\.so|libjwt|libjansson|contenders|least/],
  ['OpenSSL', /libcrypto|libssl/],
  ['Lua, with its collector', /lua5\.4$/],
  ['libc, malloc most of it', /libc\.so/],
  ['others', /^/],
];
const LOGINS = 60, ROUND_TRIPS = 2000, COUNTS = [2000, 6000];
const VALGRIND = ['--tool=callgrind', '--separate-threads=no'];

const control = (...args) => execFileSync('callgrind_control', args, { stdio: 'ignore' });

// owner -> instructions of `file`, of callgrind's, divided by `count`.
function owners(file, count) {
  const text = execFileSync('callgrind_annotate', ['--threshold=100', '--show-percs=no', '--auto=no', file],
    { maxBuffer: 1 << 28 }).toString();
  const seen = Object.fromEntries(OWNERS.map(([owner]) => [owner, 0]));
  for (const [, instructions, object] of text.matchAll(/^ *([\d,]+) +\S*:\S+(?: \[([^\]]*)\])?$/gm)) {
    seen[OWNERS.find(([, objects]) => objects.test(object || ''))[0]] += Number(instructions.replace(/,/g, '')) / count;
  }
  return seen;
}

// What `work` costs the process `pid`, whose counts go into `out`, of `count` times.
async function counted(pid, out, count, work) {
  control('--zero', String(pid));
  control('-i', 'on', String(pid));
  await work();
  control('-i', 'off', String(pid));
  control('--dump=work', String(pid));
  const file = fs.readdirSync(out).filter((name) => name !== 'out').map((name) => `${out}/${name}`).pop();
  const seen = owners(file, count);
  fs.rmSync(file);
  return seen;
}

// Has `work`(valgrind's arguments, the folder of its counts) done.
async function under(work) {
  fs.mkdirSync('build/run', { recursive: true });
  const out = fs.mkdtempSync(`${process.cwd()}/build/run/callgrind-`);
  const args = [...VALGRIND, '--instr-atstart=no', `--callgrind-out-file=${out}/out`];
  process.env.SKOTOS_WRAP = ['valgrind', ...args].join(' ');
  const seen = await work(args, out);
  fs.rmSync(out, { recursive: true });
  return seen;
}

const login = (tokens, options) => under(async (args, out) => {
  const prosody = await Prosody.start(options);
  await once(prosody, tokens, LOGINS); // the first of each page code in
  const seen = await counted(prosody.child.pid, out, LOGINS, () => once(prosody, tokens && tokens.slice(LOGINS), LOGINS));
  await prosody.stop();
  return seen;
});

const link = () => under(async (args, out) => {
  const { end, server } = await linked((port) => Prosody.start({ game_port: port }));
  const seen = [];
  for (const way of ways) seen.push(await counted(server.child.pid, out, ROUND_TRIPS, () => end.ask(way.ask(ROUND_TRIPS))));
  end.end();
  await server.stop();
  return seen;
});

// owner -> instructions of one piece of work, by two runs of different length: `run`(count, valgrind's arguments) does it and ends.
async function one(run) {
  const seen = [], file = `${process.cwd()}/build/run/callgrind.${process.pid}`;
  for (const count of COUNTS) {
    await run(count, ['-q', ...VALGRIND, `--callgrind-out-file=${file}`]);
    seen.push(owners(file, COUNTS[1] - COUNTS[0]));
    fs.rmSync(file);
  }
  return Object.fromEntries(Object.entries(seen[1]).map(([owner, n]) => [owner, n - seen[0][owner]]));
}

// The least program does not outlive callgrind_control, which interrupts what it waits for.
const least = (way) => one(async (count, args) => {
  const { end, server } = await linked((port) => new Worker('valgrind', [...args, path.join(build, 'least'), String(port)]));
  await end.ask(way.ask(count));
  const ended = new Promise((done) => { server.child.on('exit', done); });
  end.end();
  await ended;
});

const check = (...command) => one((count, args) => execFileSync('valgrind', [...args, ...command, String(count)],
  { stdio: 'ignore', env: { ...process.env, LUA_CPATH: `${root}/build/?.so;;` } }));

function table(title, ours, theirs, without) {
  const sum = (seen) => Object.values(seen).reduce((a, b) => a + b, 0);
  const line = (...cells) => console.log(cells.map((cell, i) => (i ? String(cell).padStart(18) : cell.padEnd(40))).join(' '));
  const figures = (what, a, b) => line(what, Math.round(a), Math.round(b), Math.round(a - b));
  console.log('');
  line(title, 'skotos_bridge', theirs, 'more');
  for (const [owner] of OWNERS) figures(owner, ours[owner], without[owner]);
  figures(`in all: ${(sum(ours) / sum(without)).toFixed(3)} ×`, sum(ours), sum(without));
}

(async () => {
  const tokens = Array.from({ length: 2 * LOGINS }, (_, n) => token(n));
  table('a login, until bound', await login(tokens, { auth: 'skotos_bridge', host_options: 'skotos_host = false' }), 'anonymous',
    await login(null, { auth: 'anonymous', bridge: false }));
  const ours = await link();
  for (const [i, way] of ways.entries()) {
    table(`a login over a link, ${way.id === 'link-one' ? 'one at a time' : 'in bursts'}`, ours[i], 'the least program', await least(way));
  }
  const checked = await check('lua5.4', 'bench/contenders.lua', 'check-lua');
  table('a check from Lua', checked, 'C', await check('build/bench/contenders', 'check-ours'));
  table('the same', checked, 'a table, no check', await check('lua5.4', 'bench/contenders.lua', 'claims-lua'));
  process.exit(0);
})().catch((error) => { console.error(error); process.exit(1); });
