// What a game's link costs a live Prosody: CPU of one login, one at a time and in bursts, beside the least C program that does the same
// (least.c), each with its own wire.c at the other end; and how long one turn of Prosody's loop spends in the module during a large burst.
const path = require('path');
const { Worker } = require('./worker');
const { Prosody } = require('./prosody');
const { Game } = require('../spec/support/rig/game');
const { watch_steps } = require('../spec/support/rig/step_cpu');
const { cpu_ns } = require('./process');
const verify = require('./verify');
const { build, rounds, quick } = require('./settings');

const ways = [
  { id: 'link-one', title: 'CPU of one login over a game\'s link, one at a time', count: quick ? 1000 : 3000, most: 1.15, ask: (n) => `trips ${n} 200` },
  { id: 'link-burst', title: 'CPU of one login over a game\'s link, in bursts of 1000', count: quick ? 3000 : 10000, most: 0.95, ask: (n) => `bursts ${n} 1000` },
];

// A server that `start(port)` gives, linked to a wire; `pid(server)` is the process that is measured.
async function linked(start) {
  const end = new Worker(path.join(build, 'wire'), []);
  const server = await start(Number((await end.ask('listen')).split(' ')[1]));
  await end.ask('accept');
  for (const way of ways) await end.ask(way.ask(1000)); // the first requests of a process page its code in
  return { end, server };
}

async function logins(progress) {
  const sides = {
    ours: await linked((port) => Prosody.start({ game_port: port })),
    least: await linked((port) => new Worker(path.join(build, 'least'), [String(port)])),
  };
  const figures = ways.map(() => ({ ours: [], least: [] }));
  for (let round = 1; round <= rounds; round++) {
    for (const side of round % 2 ? ['ours', 'least'] : ['least', 'ours']) {
      progress(`logins over a link, round ${round} of ${rounds}: ${side}`);
      const { end, server } = sides[side];
      for (const [i, way] of ways.entries()) {
        const before = cpu_ns(server.child.pid);
        const sample = (await end.ask(way.ask(way.count))).split(' ')[2];
        figures[i][side].push((cpu_ns(server.child.pid) - before) / way.count / 1000);
        await verify.sample(sample, side);
      }
    }
  }
  for (const { end } of Object.values(sides)) end.end();
  sides.least.server.end();
  await sides.ours.server.stop();
  return ways.map(({ id, title, most }, i) => ({ id, title, unit: 'µs', better: 'less', ours: 'ours',
    contenders: [{ name: 'ours', label: 'live Prosody', figures: figures[i].ours }, { name: 'least', label: 'the least C program', figures: figures[i].least }],
    goals: [{ against: ['least'], most, says: `≤ ${most} × the least` }] }));
}

// Ten thousand requests, each a write of its own as a game makes them; a server of its own each time, which keeps its longest turn.
async function turns(progress) {
  const count = 10000, longest = [], understood = [];
  for (let round = 1; round <= rounds; round++) {
    progress(`a burst of ${count}, round ${round} of ${rounds}`);
    const game = await Game.start({});
    const prosody = await Prosody.start({ game_port: game.port });
    await game.until('connected 1', 20);
    const longest_so_far = await watch_steps(prosody);
    await game.command('burst 50 Warm');
    await game.settled(70);
    await game.command(`burst ${count} Player`);
    understood.push((await game.settled(70)).understood - 50);
    longest.push(await longest_so_far() * 1000);
    await prosody.stop();
    await game.stop();
  }
  const row = (id, title, unit, better, figures, goal) => ({ id, title, unit, better, ours: 'ours',
    contenders: [{ name: 'ours', label: 'live Prosody', figures }], goals: [goal] });
  return [row('turn', `the longest turn of Prosody's loop in a burst of ${count.toLocaleString('en')}`, 'ms of CPU', 'less', longest,
    { rate: 0.5, says: '≤ 0.5 ms' }),
  row('turn-understood', 'of these requests, served', `of ${count.toLocaleString('en')}`, 'more', understood,
    { rate: count, every: true, says: 'all, in every round' })];
}

async function run(progress) { return [...await logins(progress), ...await turns(progress)]; }
module.exports = { run, linked, ways };
