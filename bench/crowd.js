// Everything at once: a game's 1000 logins over a link, 150 people who join one room, and ten more games of which each
// asks for tokens one after another. Beside it the same three, each alone: Prosody has one thread, so that what each
// costs is looked at, and how long the games' players wait while others join.
const path = require('path');
const { Worker } = require('./worker');
const { Prosody } = require('./prosody');
const { Game } = require('../spec/support/rig/game');
const { Side } = require('./joins');
const { cpu_ns } = require('./process');
const verify = require('./verify');
const { build, rounds, quick } = require('./settings');

const LOGINS = 1000, JOINS = 150, GAMES = 10, ASKED = quick ? 100 : 300, ROUNDS = quick ? 2 : Math.min(rounds, 5);
const PARTS = ['logins', 'joins', 'games'];

class Crowd {
  static async start() {
    const self = new Crowd();
    self.game = await Game.start({});
    self.wires = Array.from({ length: GAMES }, () => new Worker(path.join(build, 'wire'), []));
    const ports = [self.game.port, ...await Promise.all(self.wires.map(async (wire) => Number((await wire.ask('listen')).split(' ')[1])))];
    const games = ports.map((port, i) => `g${i} = { skotos_port = ${port}, rooms = { "jitsi_*" } }`);
    self.prosody = await Prosody.start({ auth: 'skotos_bridge', host_options: `skotos_games = { ${games.join(', ')} }` });
    await self.game.until('connected 1', 20);
    for (const wire of self.wires) await wire.ask('accept');
    return self;
  }

  // The people who will join, logged in.
  async people() {
    this.side = new Side(this.prosody, this.game, { count: JOINS, movers: 0 }, 'jitsi_hall');
    await this.side.log_in();
  }

  async logins() {
    const before = await this.game.stats();
    await this.game.command(`burst ${LOGINS} Player`);
    const { understood } = await this.game.settled(70);
    if (understood - before.understood !== LOGINS) throw new Error(`${understood - before.understood} of ${LOGINS} logins were understood`);
  }

  // Fails unless each has seen each.
  joins() { return this.side.come(); }

  async games() {
    const samples = await Promise.all(this.wires.map((wire) => wire.ask(`trips ${ASKED} 0`)));
    for (const sample of samples) await verify.sample(sample.split(' ')[2], 'ours');
  }

  // Microseconds of CPU, and milliseconds until each of `parts` was done.
  async measure(parts) {
    const { prosody } = this;
    await prosody.lua('collectgarbage() collectgarbage()');
    const before = cpu_ns(prosody.child.pid), began = process.hrtime.bigint(), ms = {};
    await Promise.all(parts.map(async (part) => {
      await this[part]();
      ms[part] = Number(process.hrtime.bigint() - began) / 1e6;
    }));
    return { cpu: (cpu_ns(prosody.child.pid) - before) / 1e6, ms };
  }

  async stop() {
    for (const wire of this.wires) wire.end();
    await this.prosody.stop();
    await this.game.stop();
  }
}

async function round_of(crowd) {
  const alone = { cpu: 0, ms: 0 };
  for (const parts of [...PARTS.map((part) => [part]), PARTS]) {
    if (parts.includes('joins')) await crowd.people();
    const seen = await crowd.measure(parts);
    if (parts.includes('joins')) await crowd.side.empty();
    if (parts === PARTS) return { together: { cpu: seen.cpu, ms: Math.max(...Object.values(seen.ms)), logins: seen.ms.logins }, alone };
    alone.cpu += seen.cpu;
    alone.ms += seen.ms[parts[0]];
  }
}

async function run(progress) {
  const crowd = await Crowd.start();
  const figures = { cpu: { together: [], alone: [] }, ms: { together: [], alone: [], logins: [] } };
  for (let round = 0; round <= ROUNDS; round++) {
    progress(`${LOGINS} logins, ${JOINS} joins and ${GAMES} games, alone and at once, round ${round} of ${ROUNDS}`);
    const seen = await round_of(crowd);
    if (round === 0) continue; // it warms up
    for (const what of ['cpu', 'ms']) for (const how of ['together', 'alone']) figures[what][how].push(seen[how][what]);
    figures.ms.logins.push(seen.together.logins);
  }
  await crowd.stop();
  const row = (id, title, of) => ({ id, title, unit: 'ms', better: 'less', ours: 'together',
    contenders: [{ name: 'together', label: 'at once', figures: of.together }, { name: 'alone', label: 'one after another, summed', figures: of.alone },
      ...(of.logins ? [{ name: 'logins', label: 'at once, until the 1000 logins are understood', figures: of.logins }] : [])],
    goals: [{ against: ['alone'], most: 1.2, says: '≤ 1.2 × the same alone, nothing lost' }] });
  const what = `${LOGINS} logins, ${JOINS} joins and ${GAMES} games that ask`;
  return [row('crowd-cpu', `CPU of ${what}, all at once`, figures.cpu), row('crowd', `${what}, until all are served`, figures.ms)];
}
module.exports = { run };
