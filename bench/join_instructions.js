// Instructions of a join, a leave and a moderator made with ten in the room, by valgrind's callgrind on a live Prosody,
// with this module and without: the same on a busy machine. Part of make bench-instructions.
const fs = require('fs');
const { execFileSync } = require('child_process');
const { Prosody } = require('./prosody');
const { Game } = require('../spec/support/rig/game');
const { Side, ACTS } = require('./joins');

const SIZE = { count: 10, movers: 5 }, TIMES = 5;
const UNDO = { join: 'leave', leave: 'join' }; // what is done beside, uncounted

const control = (...args) => execFileSync('callgrind_control', args, { stdio: 'ignore' });

// Instructions that `act` costs TIMES times, of the process `pid`, whose counts go to files that begin with `out`.
async function count(side, act, pid, out) {
  control('--zero', pid);
  for (let n = 0; n < TIMES; n++) {
    if (act === 'leave') await side.join();
    control('-i', 'on', pid);
    await side[act]();
    control('-i', 'off', pid);
    if (act === 'join') await side.leave();
  }
  control(`--dump=${act}`, pid);
  const file = fs.readdirSync(out).find((name) => fs.readFileSync(`${out}/${name}`, 'utf8').includes(`Trigger: dump ${act}`));
  return Number(fs.readFileSync(`${out}/${file}`, 'utf8').match(/^totals: (\d+)/m)[1]);
}

// The side as joins.js has it, under callgrind; instructions of one of each act.
async function measure(name, bridge) {
  const out = fs.mkdtempSync(`build/run/callgrind-${name}-`);
  process.env.SKOTOS_WRAP = `valgrind --tool=callgrind --instr-atstart=no --callgrind-out-file=${process.cwd()}/${out}/out`;
  const game = bridge ? await Game.start({}) : null;
  const options = bridge ? { game_port: game.port, host_options: 'skotos_commands = true' } : { bridge: false };
  const prosody = await Prosody.start({ auth: 'skotos_bridge', ...options });
  if (game) await game.until('connected 1', 60);
  const side = new Side(prosody, game, SIZE, 'bench'), pid = String(prosody.child.pid), seen = {};
  await side.fill();
  for (const act of ['join', 'leave', 'moderator']) await side[act](); // the first of each page code in
  for (const act of Object.keys(ACTS)) seen[act] = await count(side, act, pid, out) / TIMES / side.times_of(act);
  await prosody.stop();
  if (game) await game.stop();
  fs.rmSync(out, { recursive: true });
  return seen;
}

(async () => {
  fs.mkdirSync('build/run', { recursive: true });
  const ours = await measure('ours', true), without = await measure('without', false);
  console.log(`\n${`with ${SIZE.count} in the room`.padEnd(30)} ${'with the module'.padStart(16)} ${'without'.padStart(12)} ${'ratio'.padStart(7)}`);
  for (const [act, title] of Object.entries(ACTS)) {
    console.log(`${title.padEnd(30)} ${Math.round(ours[act]).toString().padStart(16)} ${Math.round(without[act]).toString().padStart(12)} `
      + `${(ours[act] / without[act]).toFixed(3).padStart(7)}`);
  }
  process.exit(0);
})().catch((error) => { console.error(error); process.exit(1); });
