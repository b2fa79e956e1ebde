// CPU that a join, a leave and a moderator made cost a live Prosody with so many in the room, with this module and
// without any moderation module; the login is the same, and is over before the count begins. Both servers work at the
// same moment, so that what else the machine does falls on both. A moderator is made by the game's command with the
// module, and by the room's creator, as in a Jitsi page, without it.
const jwt = require('jsonwebtoken');
const { createSecretKey } = require('crypto');
const { Prosody, SECRET } = require('./prosody');
const { Client } = require('./xmpp');
const { Game } = require('../spec/support/rig/game');
const { cpu_ns } = require('./process');
const { rounds, quick } = require('./settings');

const MOST = 1.02;
// As in Jitsi's Docker image. Prosody's default (105) has the collector look through the whole heap again whenever it has
// grown by 5 %, which is two thirds of a join's time and scatters with the heap by more than what is compared.
const COLLECTOR = 'gc = { mode = "incremental", threshold = 150 }';
// Where its tables come to lie in memory, and how its strings are hashed, a Prosody keeps as long as it runs: of the same
// two, one start has the one ahead by a tenth, another the other. So both are started anew so many times.
const STARTS = 3;
// How many are in the room; how many others come and go at once, and how often in a round. To fill a room of 500 takes
// a quarter of a million presences at each server: a quick look does without.
const SIZES = [
  { count: 10, movers: 5, times: quick ? 15 : 40 },
  { count: 150, movers: 10, times: quick ? 1 : 4 },
  ...(quick ? [] : [{ count: 500, movers: 10, times: 1 }]),
];
const ACTS = { join: 'a join', leave: 'a leave', moderator: 'a moderator made, or unmade' };

const key = createSecretKey(Buffer.from(SECRET));

function token(room, n) {
  const context = { user: { id: `p${n}`, name: `p${n}` } };
  return jwt.sign({ iss: 'skotos', aud: 'jitsi', sub: 'meet.test', room, moderator: n % 10 === 0, context }, key, { expiresIn: 3600 });
}

async function logged_in(port, room, count) {
  const clients = [];
  for (let i = 0; i < count; i += 25) {
    const some = Array.from({ length: Math.min(25, count - i) }, (_, k) => ({ client: new Client(), n: i + k }));
    await Promise.all(some.map(({ client, n }) => client.login(port, token(room, n), room)));
    clients.push(...some.map((s) => s.client));
  }
  return clients;
}

// Has `act()` done, which makes Prosody send `due` presences to `clients`; resolves when they have come, and fails when
// it is not just these.
function presences(clients, due, act) {
  return new Promise((done, fail) => {
    let seen = 0;
    const timer = setTimeout(() => fail(new Error(`${seen} of ${due} presences came within five minutes`)), 300000);
    // A few more turns of the loop, so that a presence too many would be seen.
    const finish = () => {
      clearTimeout(timer);
      if (seen === due) done(); else fail(new Error(`${seen} presences came, ${due} were due`));
    };
    for (const client of clients) client.counting = () => { if (++seen === due) setTimeout(finish, 20); };
    Promise.resolve(act()).catch(fail);
  });
}

// One server with a room of `size.count` people, and `size.movers` more who are logged in.
class Side {
  constructor(prosody, game, size, room) { Object.assign(this, { prosody, game, size, room }); }

  async log_in() {
    const { count, movers } = this.size;
    this.all = await logged_in(this.prosody.ports.http, this.room, count + movers);
    this.inside = this.all.slice(0, count);
    this.movers = this.all.slice(count);
  }

  // Those who stay come into the room, and see each other.
  async come() {
    const { count } = this.size;
    // The first one is the room's creator, and its owner where nothing else decides it.
    await presences(this.inside, 1, () => this.inside[0].join(this.room, 'p0'));
    const others = this.inside.slice(1);
    await presences(this.inside, count ** 2 - 1, () => others.forEach((client, k) => client.join(this.room, `p${k + 1}`)));
  }

  async fill() {
    await this.log_in();
    await this.come();
  }

  // With the module every tenth and no other is told that he is a moderator; without it only the creator was.
  async join() {
    const { count, movers } = this.size;
    this.movers.forEach((client) => { client.role = null; });
    await presences(this.all, 2 * movers * count + movers ** 2,
      () => this.movers.forEach((client, k) => client.join(this.room, `p${count + k}`)));
    const made = this.movers.filter((client) => client.role === 'moderator').length;
    const due = this.game ? this.movers.filter((_, k) => (count + k) % 10 === 0).length : 0;
    if (made !== due) throw new Error(`${made} of ${movers} came as moderators, ${due} were due`);
  }

  leave() {
    const { count, movers } = this.size;
    return presences(this.all, movers * count + movers * (movers + 1) / 2,
      () => this.movers.forEach((client, k) => client.leave(this.room, `p${count + k}`)));
  }

  // Half as many as there are movers become moderators, then no moderators.
  async moderator() {
    const some = Array.from({ length: this.size.movers / 2 | 0 }, (_, k) => k + 1);
    for (const moderator of [true, false]) {
      await presences(this.inside, some.length * this.size.count,
        () => (this.game ? this.by_game(some, moderator) : this.by_creator(some, moderator)));
    }
  }

  async by_game(some, moderator) {
    const seqs = await this.game.order(some.map((n) => ({ cmd: 'set_moderator', channel: this.room, id: `p${n}`, moderator })));
    await this.game.settled(60);
    for (const seq of seqs) {
      const reply = await this.game.result(seq);
      if (!reply.success) throw new Error(reply.message);
    }
  }

  by_creator(some, moderator) {
    for (const n of some) this.inside[0].give(this.room, this.inside[n].jid, moderator ? 'owner' : 'none');
  }

  // How many joins, leaves or moderators one call of `act` makes.
  times_of(act) { return act === 'moderator' ? 2 * (this.size.movers / 2 | 0) : this.size.movers; }

  // Nanoseconds of CPU time that one of each act costs, over `size.times`.
  async cost() {
    const cost = { join: 0, leave: 0, moderator: 0 }, { times } = this.size;
    for (let n = 0; n < times; n++) {
      for (const act of Object.keys(ACTS)) {
        const before = cpu_ns(this.prosody.child.pid);
        await this[act]();
        cost[act] += cpu_ns(this.prosody.child.pid) - before;
      }
    }
    for (const act of Object.keys(ACTS)) cost[act] /= times * this.times_of(act);
    return cost;
  }

  async empty() {
    await this.prosody.lua('for room in prosody.hosts["conference.meet.test"].modules.muc.each_room() do room:destroy() end');
    for (const client of this.all) { client.counting = client.hearing = null; client.close(); }
    for (let left = 'some'; left !== '0';) {
      left = await this.prosody.lua('local n = 0 for _ in pairs(prosody.full_sessions) do n = n + 1 end return n');
      await new Promise((r) => setTimeout(r, 50));
    }
  }
}

// What each act costs both sides in a room of `size.count`, in so many rounds, added to `figures`.
async function with_size(sides, size, many, figures, progress) {
  progress(`${size.count} come into a room of each of two servers`);
  await Promise.all(sides.map((side) => side.fill()));
  for (let round = 0; round <= many; round++) {
    progress(`joins, leaves and moderators with ${size.count} in the room, round ${round} of ${many}`);
    const [ours, without] = await Promise.all(sides.map((side) => side.cost()));
    if (round === 0) continue; // it warms up
    for (const act of Object.keys(ACTS)) {
      figures[act].ours.push(ours[act] / 1000);
      figures[act].without.push(without[act] / 1000);
    }
  }
  for (const side of sides) await side.empty();
}

// Both servers, started in this order or the other.
async function servers(game, ours_first) {
  const options = { auth: 'skotos_bridge', global_options: COLLECTOR };
  const start = {
    ours: () => Prosody.start({ ...options, game_port: game.port, host_options: 'skotos_commands = true' }),
    without: () => Prosody.start({ ...options, bridge: false }),
  };
  const order = ours_first ? ['ours', 'without'] : ['without', 'ours'], started = {};
  for (const name of order) started[name] = await start[name]();
  return started;
}

function row(id, title, figures) {
  return { id, title, unit: 'µs', better: 'less', ours: 'ours',
    contenders: [{ name: 'ours', label: 'with skotos_bridge', figures: figures.ours },
      { name: 'without', label: 'the same Prosody without it', figures: figures.without }],
    goals: [{ against: ['without'], most: MOST, says: `≤ ${MOST} × that without it` }] };
}

async function run(progress) {
  const measured = SIZES.map((size) => ({ size,
    figures: Object.fromEntries(Object.keys(ACTS).map((act) => [act, { ours: [], without: [] }])) }));
  for (let start = 0; start < STARTS; start++) {
    const game = await Game.start({});
    const { ours, without } = await servers(game, start % 2 === 0);
    await game.until('connected 1', 20);
    for (const { size, figures } of measured) {
      const room = `bench${size.count}`;
      const sides = [new Side(ours, game, size, room), new Side(without, null, size, room)];
      await with_size(sides, size, Math.ceil(rounds / STARTS), figures, progress);
    }
    for (const prosody of [ours, without]) await prosody.stop();
    await game.stop();
  }
  return measured.flatMap(({ size, figures }) => Object.entries(ACTS).map(([act, title]) => (
    row(`${act}-${size.count}`, `CPU of ${title} with ${size.count} in the room`, figures[act]))));
}
module.exports = { run, Side, ACTS, token };
