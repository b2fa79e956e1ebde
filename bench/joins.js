// CPU that one join costs a live Prosody while many join one room at once, with this module and without any moderation module; the login
// is the same, and is over before the count begins. Both servers work at the same moment, so that what else the machine does falls on both.
const jwt = require('jsonwebtoken');
const { createSecretKey } = require('crypto');
const { Prosody, SECRET } = require('./prosody');
const { Client } = require('./xmpp');
const { cpu_ns } = require('./process');
const { rounds, quick } = require('./settings');

const key = createSecretKey(Buffer.from(SECRET));
let rooms = 0;

function token(room, n) {
  return jwt.sign({ iss: 'skotos', aud: 'jitsi', sub: 'meet.test', room, moderator: n % 10 === 0, context: { user: { id: `p${n}`, name: `p${n}` } } },
    key, { expiresIn: 600 });
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

// All join; done when everybody has seen everybody. Counts who is told that he is a moderator.
function all_join(clients, room) {
  return new Promise((done, fail) => {
    const due = clients.length ** 2;
    let seen = 0, moderators = 0, pending = false;
    const timer = setTimeout(() => fail(new Error(`${seen} of ${due} presences came within ten minutes`)), 600000);
    const finish = () => { clearTimeout(timer); done({ moderators, presences: seen }); };
    clients.forEach((client, n) => {
      client.counting = (bytes) => {
        const text = bytes.latin1Slice(0, bytes.length);
        if (text.includes("type='error'") || text.includes('type="error"')) return fail(new Error(text));
        if (/code=.110/.test(text) && /role=.moderator/.test(text)) moderators++;
        seen++;
        // One more turn of the loop, so that a presence too many would be seen.
        if (seen >= due && !pending) { pending = true; setTimeout(finish, 100); }
      };
      client.join(room, `p${n}`);
    });
  });
}

async function emptied(prosody, clients) {
  await prosody.lua('for _, host in pairs(prosody.hosts) do if host.modules.muc then for room in host.modules.muc.each_room() do room:destroy() end end end');
  for (const client of clients) client.close();
  for (let left = 'some'; left !== '0';) {
    left = await prosody.lua('local n = 0 for _ in pairs(prosody.full_sessions) do n = n + 1 end return n');
    await new Promise((r) => setTimeout(r, 50));
  }
}

// Nanoseconds of each server's CPU time for each of `count` joins, both busy at the same moment.
async function once(sides, count) {
  const room = `bench${++rooms}`, cost = {}, clients = {};
  for (const [side, prosody] of sides) {
    clients[side] = await logged_in(prosody.ports.http, room, count);
    await prosody.lua('collectgarbage() collectgarbage()');
  }
  const before = Object.fromEntries(sides.map(([side, prosody]) => [side, cpu_ns(prosody.child.pid)]));
  await Promise.all(sides.map(async ([side, prosody]) => {
    const { moderators, presences } = await all_join(clients[side], room);
    cost[side] = (cpu_ns(prosody.child.pid) - before[side]) / count;
    // With the module every tenth and no other, in one presence each; without it the room's creator.
    if (moderators !== (side === 'ours' ? Math.ceil(count / 10) : 1)) throw new Error(`${side}: ${moderators} moderators of ${count}`);
    if (presences !== count * count) throw new Error(`${side}: ${presences} presences came for ${count} joins, ${count * count} were due`);
  }));
  for (const [side, prosody] of sides) await emptied(prosody, clients[side]);
  return cost;
}

async function run(progress) {
  const options = { auth: 'skotos_bridge' };
  const ours = ['ours', await Prosody.start(options)], without = ['without', await Prosody.start({ ...options, bridge: false })];
  const rows = [];
  for (const [count, times] of [[150, rounds + 3], [500, quick ? 1 : Math.min(rounds, 3)]]) {
    const figures = { ours: [], without: [] };
    for (let round = 0; round <= times; round++) {
      progress(`${count} join one room of each of two servers, round ${round} of ${times}`);
      const cost = await once(round % 2 ? [ours, without] : [without, ours], round ? count : 100);
      if (round > 0) for (const side of Object.keys(figures)) figures[side].push(cost[side] / 1000); // round 0 warms up
    }
    rows.push({ id: `joins-${count}`, title: `CPU per join while ${count} join one room`, unit: 'µs', better: 'less', ours: 'ours',
      contenders: [{ name: 'ours', label: 'with skotos_bridge', figures: figures.ours }, { name: 'without', label: 'the same Prosody without it', figures: figures.without }],
      goals: [{ against: ['without'], most: 1.05, says: '≤ 1.05 × that without it' }] });
  }
  for (const [, prosody] of [ours, without]) await prosody.stop();
  return rows;
}
module.exports = { run };
