// What a link that stands costs a Prosody that has nothing to do: how often it wakes up, and the CPU of it. Beside it the same Prosody
// without the module, at the same moment.
const fs = require('fs');
const { Prosody } = require('./prosody');
const { Game } = require('../spec/support/rig/game');
const { cpu_ns } = require('./process');
const { rounds, quick } = require('./settings');

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// How often the process has gone to sleep by itself (proc(5), status).
const sleeps = (pid) => Number(fs.readFileSync(`/proc/${pid}/status`, 'utf8').match(/^voluntary_ctxt_switches:\s+(\d+)/m)[1]);

async function run(progress) {
  const game = await Game.start({});
  const sides = { ours: await Prosody.start({ game_port: game.port }), without: await Prosody.start({ bridge: false }) };
  await game.until('connected 1', 20);
  await pause(3000); // what starting has put off is done by then
  const seconds = quick ? 3 : 10, wakeups = { ours: [], without: [] }, cpu = { ours: [], without: [] };
  for (let round = 1; round <= rounds; round++) {
    progress(`nothing happens for ${seconds} s, round ${round} of ${rounds}`);
    const before = Object.entries(sides).map(([side, { child }]) => [side, child.pid, sleeps(child.pid), cpu_ns(child.pid)]);
    await pause(seconds * 1000);
    for (const [side, pid, slept, used] of before) {
      wakeups[side].push((sleeps(pid) - slept) / seconds);
      cpu[side].push((cpu_ns(pid) - used) / seconds / 1e6);
    }
  }
  for (const prosody of Object.values(sides)) await prosody.stop();
  await game.stop();
  const row = (id, title, unit, figures, most) => {
    const added = figures.ours.map((own, i) => Math.max(0, own - figures.without[i]));
    return { id, title, unit, better: 'less', ours: 'added',
      contenders: [{ name: 'added', label: 'added by the link', figures: added }, { name: 'without', label: 'the same Prosody without the module', figures: figures.without }],
      goals: [{ rate: most, says: `≤ ${most} added` }] };
  };
  return [row('idle-wakeups', 'wakeups of an idle Prosody with a link that stands', 'per second', wakeups, 1),
    row('idle-cpu', 'CPU of an idle Prosody with a link that stands', 'ms per second', cpu, 0.1)];
}
module.exports = { run };
