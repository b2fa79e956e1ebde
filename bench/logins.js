// CPU that one login by token costs a live Prosody, over WebSocket until a JID is bound, beside the same Prosody with Jitsi's anonymous
// login, no token and no module. Both work at the same moment, so that what else the machine does falls on both.
const jwt = require('jsonwebtoken');
const { createSecretKey } = require('crypto');
const { Prosody, SECRET } = require('./prosody');
const { Client } = require('./xmpp');
const { cpu_ns } = require('./process');
const { rounds, quick } = require('./settings');

const key = createSecretKey(Buffer.from(SECRET));
const TOGETHER = 10;

function token(n) {
  return jwt.sign({ iss: 'skotos', aud: 'jitsi', sub: 'meet.test', room: 'tavern', moderator: n % 10 === 0, context: { user: { id: `p${n}`, name: `p${n}` } } },
    key, { expiresIn: 600 });
}

// `count` logins, a few at a time, each ended when it is bound; the nanoseconds of CPU that one has cost.
async function once(prosody, tokens, count) {
  const before = cpu_ns(prosody.child.pid);
  for (let i = 0; i < count; i += TOGETHER) {
    const clients = Array.from({ length: TOGETHER }, () => new Client());
    await Promise.all(clients.map((client, k) => client.login(prosody.ports.http, tokens ? tokens[i + k] : '', 'tavern')));
    for (const client of clients) client.close();
  }
  await prosody.lua('return "settled"');
  return (cpu_ns(prosody.child.pid) - before) / count;
}

async function run(progress) {
  const ours = await Prosody.start({ auth: 'skotos_bridge', host_options: 'skotos_host = false' });
  const without = await Prosody.start({ auth: 'anonymous', bridge: false });
  const figures = { ours: [], without: [] }, count = quick ? 200 : 500;
  for (let round = 0; round <= rounds; round++) {
    progress(`${count} logins at each of two servers, round ${round} of ${rounds}`);
    const tokens = Array.from({ length: count }, (_, n) => token(n));
    const [own, other] = await Promise.all([once(ours, tokens, count), once(without, null, count)]);
    if (round === 0) continue; // it warms up
    figures.ours.push(own / 1000);
    figures.without.push(other / 1000);
  }
  for (const prosody of [ours, without]) await prosody.stop();
  return [{ id: 'logins', title: 'CPU per login over WebSocket, until bound', unit: 'µs', better: 'less', ours: 'ours',
    contenders: [{ name: 'ours', label: 'by token', figures: figures.ours },
      { name: 'without', label: 'anonymous, without token and module', figures: figures.without }],
    goals: [{ against: ['without'], most: 1.05, says: '≤ 1.05 × anonymous' }] }];
}
module.exports = { run, once, token };
