// Cost as the work grows: a request with one game and with a hundred, a join and a leave with one room and with ten thousand, with ten
// occupants and with ten thousand. A ratio of 1 is flat.
const fs = require('fs'), net = require('net'), path = require('path');
const jwt = require('jsonwebtoken');
const { Worker } = require('./worker');
const { Prosody, SECRET } = require('./prosody');
const { cpu_ns } = require('./process');
const verify = require('./verify');
const { build, rounds, quick } = require('./settings');

const FLAT = 1.2; // times; what the processor's caches alone may make of it

function row(id, title, small, large, figures) {
  return { id, title, unit: 'µs', better: 'less', ours: 'large',
    contenders: [{ name: 'large', label: large, figures: figures.large }, { name: 'small', label: small, figures: figures.small }],
    goals: [{ against: ['small'], most: FLAT, says: `flat (≤ ${FLAT} ×)` }] };
}

// A game that never asks: it accepts and is silent. Gives its port.
const silent_game = () => new Promise((done) => {
  const server = net.createServer((socket) => socket.resume().on('error', () => {})).listen(0, '127.0.0.1', () => done(server.address().port));
});

// A Prosody with `games` links, of which one asks and the others are idle.
async function with_games(games) {
  const end = new Worker(path.join(build, 'wire'), []);
  const ports = [Number((await end.ask('listen')).split(' ')[1])];
  while (ports.length < games) ports.push(await silent_game());
  const tables = ports.map((port, i) => `g${i} = { skotos_port = ${port}, rooms = { "jitsi_*" } }`);
  const prosody = await Prosody.start({ host_options: `skotos_games = { ${tables.join(', ')} }` });
  await end.ask('accept');
  await prosody.until(async () => await prosody.lua(`local n = 0 for _, s in pairs(prosody.hosts["meet.test"].modules.skotos_bridge.status()) do
    if s.state == "up" then n = n + 1 end end return n`) === String(games), 20, `${games} links to be up`);
  await end.ask('bursts 2000 1000');
  return { end, prosody };
}

async function games(progress) {
  const count = quick ? 2000 : 5000, sides = { small: await with_games(1), large: await with_games(100) };
  const figures = { small: [], large: [] };
  for (let round = 1; round <= rounds; round++) {
    for (const side of round % 2 ? ['small', 'large'] : ['large', 'small']) {
      progress(`games, round ${round} of ${rounds}: ${side}`);
      const { end, prosody } = sides[side], before = cpu_ns(prosody.child.pid);
      const [, , sample] = (await end.ask(`bursts ${count} 1000`)).split(' ');
      figures[side].push((cpu_ns(prosody.child.pid) - before) / count / 1000);
      await verify.sample(sample, side);
    }
  }
  for (const { end, prosody } of Object.values(sides)) { end.end(); await prosody.stop(); }
  return [row('growth-games', 'CPU per request over a link, 1 → 100 games', '1 game', '100 games', figures)];
}

async function rooms_and_occupants(progress) {
  const prosody = await Prosody.start({ muc_options: 'muc_room_cache_size = 20000' });
  const body = fs.readFileSync(path.join(__dirname, 'growth.lua'), 'utf8');
  const token = jwt.sign({ iss: 'skotos', aud: 'jitsi', sub: 'meet.test', room: 'bench', moderator: true, context: { user: { id: 'a', name: 'a' } } }, SECRET, { expiresIn: 6000 });
  const once = async (rooms, occupants) => {
    const said = await prosody.lua(`local N_ROOMS, N_OCCUPANTS, COUNT, TOKEN = ${rooms}, ${occupants}, 1000, "${token}";\n${body}`);
    if (!/^\d+ \d+$/.test(said)) throw new Error(said);
    return said.split(' ').map((ns) => ns / 1000);
  };
  const cases = { small: [1, 10], rooms: [10000, 10], occupants: [1, 10000] };
  const join = { small: [], rooms: [], occupants: [] }, leave = { small: [], rooms: [], occupants: [] };
  await once(...cases.small);
  for (let round = 1; round <= rounds; round++) {
    for (const name of Object.keys(cases)) {
      progress(`rooms and occupants, round ${round} of ${rounds}: ${name}`);
      const [j, l] = await once(...cases[name]);
      join[name].push(j);
      leave[name].push(l);
    }
  }
  await prosody.stop();
  const pair = (figures, name) => ({ small: figures.small, large: figures[name] });
  return [
    row('growth-rooms', "the handlers' time per join, 1 → 10,000 rooms", '1 room', '10,000 rooms', pair(join, 'rooms')),
    row('growth-occupants', "the handlers' time per join, 10 → 10,000 occupants", '10 occupants', '10,000 occupants', pair(join, 'occupants')),
    row('growth-leave', "the handlers' time per leave, 10 → 10,000 occupants", '10 occupants', '10,000 occupants', pair(leave, 'occupants')),
  ];
}

async function run(progress) { return [...await games(progress), ...await rooms_and_occupants(progress)]; }
module.exports = { run };
