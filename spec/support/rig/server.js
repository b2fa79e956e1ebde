// One process that owns all children of a spec file and does what its Lua side asks, a line of JSON each way. It ends, with all of them,
// when that side goes away.
const net = require('net'), readline = require('readline');
const jwt = require('jsonwebtoken'), jose = require('jose');
const { Prosody, SECRET } = require('./prosody'), { Game } = require('./game'), { Client } = require('./client'), started = require('./started');
const { TlsPeer } = require('./tls_peer'), { Stunnel } = require('./stunnel');
const { Stream } = require('./stream');
const { Shards } = require('./shards'), { Bridge } = require('./bridge');

const things = new Map();
let count = 0;
const keep = (thing, fields) => { things.set(String(++count), thing); return { id: String(count), ...fields }; };
const get = (o) => things.get(o.id);

const operations = {
  ...require('./stand_ins'),
  async 'prosody.start'(o) { const p = await Prosody.start(o); return keep(p, { http: p.ports.http, pid: p.child.pid, dir: p.dir }); },
  async 'prosody.stop'(o) { const r = await get(o).stop(); things.delete(o.id); return r; },
  async 'prosody.restart'(o) { await get(o).restart(o.hard, o.options); return {}; },
  'prosody.log': (o) => ({ text: get(o).log() }),
  async 'prosody.wait_log'(o) { const p = get(o); await p.until(() => p.log().includes(o.text), o.seconds || 60, `the log to say "${o.text}"`); return {}; },
  async 'prosody.lua'(o) { return { result: await get(o).lua(o.code) }; },
  async 'prosody.reload'(o) { return { result: await get(o).reload(o.options) }; },
  async 'game.start'(o) { const g = await Game.start(o); return keep(g, { port: g.port }); },
  async 'game.command'(o) { return { line: await get(o).command(o.line) }; },
  'game.stats': (o) => get(o).stats(),
  'game.settled': (o) => get(o).settled(o.seconds || 70),
  'game.connected': (o) => get(o).until(`connected ${o.count === undefined ? 1 : o.count}`, o.seconds || 60),
  'game.wait': (o) => get(o).until(o.what, o.seconds || 60),
  async 'game.stop'(o) { const r = await get(o).stop(); things.delete(o.id); return r; },
  'game.result': (o) => get(o).result(o.seq),
  async 'tls_peer.start'(o) { const p = await TlsPeer.start(o); return keep(p, { port: p.port }); },
  'tls_peer.state': (o) => get(o).state(),
  'tls_peer.send': (o) => { get(o).send(o.hex); return {}; },
  'tls_peer.end_connection': (o) => { get(o).end(o.clean); return {}; },
  'tls_peer.stop': (o) => { get(o).kill(); things.delete(o.id); return {}; },
  async 'stunnel.start'(o) { const s = await Stunnel.start(o); return keep(s, { port: s.port }); },
  'stunnel.output': (o) => ({ text: get(o).output }),
  async 'stunnel.stop'(o) { const r = await get(o).stop(); things.delete(o.id); return r; },
  async 'game.order'(o) { return { seqs: await get(o).order(o.list) }; },
  'game.ask': (o) => get(o).ask(o.command, o.seconds || 60),
  async 'game.events'(o) {
    if (o.count) await get(o).until(`events ${(o.from || 0) + o.count}`, o.seconds || 60);
    return { list: await get(o).events(o.from || 0) };
  },
  async 'game.results'(o) {
    const list = [];
    for (const seq of o.seqs) list.push(await get(o).result(seq));
    return { list };
  },
  async 'client.connect'(o) { const c = new Client(); const r = await c.connect(o); return keep(c, r); },
  async 'stream.connect'(o) { const s = new Stream(); const r = await s.connect(o); return keep(s, r); },
  'stream.bind': (o) => get(o).bind(),
  'stream.enable': (o) => get(o).enable(),
  'stream.join': (o) => get(o).join(o),
  async 'stream.leave'(o) { await get(o).leave(o); return {}; },
  async 'stream.cut'(o) { await get(o).cut(); return {}; },
  'stream.resume': (o) => get(o).resume(o),
  async 'shards.start'(o) {
    const s = await Shards.start(o);
    return keep(s, { prosodys: s.prosodys.map((p) => keep(p, { host: p.host, http: p.ports.http })), game: s.game && keep(s.game, { port: s.game.port }),
      balancer: s.balancer && s.balancer.port });
  },
  async 'shards.balancer_states'(o) { return { states: await get(o).balancer.states() }; },
  'shards.cut': (o) => (get(o).network.cut(o.a, o.b), {}),
  'shards.heal': (o) => (get(o).network.heal(o.a, o.b), {}),
  // The shard stands still, and goes on.
  'shards.freeze': (o) => (get(o).prosodys[o.shard - 1].child.kill('SIGSTOP'), {}),
  'shards.thaw': (o) => (get(o).prosodys[o.shard - 1].child.kill('SIGCONT'), {}),
  'shards.kill': (o) => (get(o).prosodys[o.shard - 1].kill(), {}),
  async 'shards.restart'(o) { const p = await get(o).restart(o.shard); return keep(p, { host: p.host, http: p.ports.http }); },
  async 'shards.stop'(o) { const left = await get(o).stop(); things.delete(o.id); return { left }; },
  fetch: (o) => new Promise((done, fail) => require('http').get({ headers: o.headers || {}, host: o.host, port: o.port, path: o.path }, (r) => {
    let text = ''; r.on('data', (d) => { text += d; }); r.on('end', () => done({ code: r.statusCode, text }));
  }).on('error', fail)),
  unique: () => ({ text: require('crypto').randomUUID() }),
  pause: (o) => new Promise((done) => setTimeout(() => done({}), o.ms)),
  'client.join': (o) => get(o).join(o),
  async 'client.join_many'(o) {
    // Each logs in with its own token and joins, `at_once` of them at a time.
    const joined = [];
    for (let i = 0; i < o.count; i += o.at_once || 25) {
      const batch = Array.from({ length: Math.min(o.at_once || 25, o.count - i) }, async (_, k) => {
        const c = new Client(), n = i + k, moderator = n % 10 === 0;
        const token = jwt.sign({ iss: 'skotos', aud: 'jitsi', sub: 'meet.test', room: o.room, moderator, context: { user: { id: `p${n}`, name: `p${n}` } } }, SECRET, { expiresIn: 600 });
        const r = await c.connect({ port: o.port, transport: o.transport, token, room: o.room });
        if (!r.connected) throw new Error(`client ${n}: ${r.condition}`);
        const own = await c.join({ room: o.room, nick: `p${n}` });
        things.set(`${o.prefix}${n}`, c);
        return { n, moderator, affiliation: own.affiliation, role: own.role };
      });
      joined.push(...await Promise.all(batch));
    }
    return { joined };
  },
  'client.stanza': (o) => (get(o).stanza(o), {}),
  async 'client.invited'(o) { await get(o).invited(o.from, 60); return {}; },
  'client.leave': (o) => (get(o).leave(o), {}),
  'client.iq': (o) => get(o).iq(o),
  async sleep(o) { await new Promise((r) => setTimeout(r, o.until_time * 1000 - Date.now())); return {}; },
  async mutes_reach(o) { await get(o).page.reach(o.count, 60); return {}; },
  // The client becomes a bridge (bridge.js), or is another from now on.
  'client.becomes_bridge': (o) => {
    const c = get(o);
    if (c.bridge) Object.assign(c.bridge, o); else c.bridge = new Bridge(c, o);
    return {};
  },
  async 'client.asked'(o) {
    const { bridge } = get(o);
    if (o.count) await bridge.reach(o.count, 60, o.meeting);
    return { list: bridge.of(o.meeting) };
  },
  'client.mutes': (o) => ({ list: get(o).page.mutes }),
  'client.names': (o) => (get(o).page.send(false, o.sources), {}),
  'client.turn': (o) => (get(o).page.turn(o.media, o.muted), {}),
  async 'client.heard'(o) { await get(o).heard(o.text, o.seconds || 60); return { list: get(o).chat }; },
  'client.say': (o) => (get(o).say(o), {}),
  'client.record': (o) => (get(o).record(), {}),
  async 'client.comes'(o) { return { raw: await get(o).comes(o.text, 60) }; },
  'client.texts': (o) => ({ list: get(o).messages }),
  'client.chat': (o) => ({ list: get(o).chat }),
  'client.presences': (o) => ({ list: get(o).presences }),
  'client.wait': (o) => get(o).until((p) => (!o.from || p.from.endsWith(o.from)) && (!o.type || p.type === o.type)
    && (!o.affiliation || p.affiliation === o.affiliation) && (!o.role || p.role === o.role) && (!o.stats || p.stats === o.stats) && (!o.status || p.status === o.status) && (!o.sources || (p.sources || '').includes(o.sources)), o.seconds || 60, `a presence ${JSON.stringify(o)}`),
  'client.disconnect': (o) => { get(o).disconnect(); things.delete(o.id); return {}; },
  token: (o) => ({ token: jwt.sign(o.payload, o.secret || SECRET, { algorithm: o.algorithm || 'HS256', noTimestamp: o.payload.iat === undefined, ...(o.header ? { header: o.header } : {}) }) }),
  // What jsonwebtoken and jose, each by itself, make of a token.
  async verify(o) {
    const one = jwt.verify(o.token, SECRET, { algorithms: [o.algorithm || 'HS256'] });
    const { payload: two } = await jose.jwtVerify(o.token, Buffer.from(SECRET), { algorithms: [o.algorithm || 'HS256'] });
    return { jsonwebtoken: one, jose: two };
  },
};

function end() {
  for (const t of started) t.kill();
  process.exit(0);
}
for (const s of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(s, end);

const server = net.createServer((socket) => {
  socket.on('close', end); socket.on('error', end);
  readline.createInterface({ input: socket }).on('line', async (line) => {
    let answer;
    try { const o = JSON.parse(line); answer = { ok: true, ...(await operations[o.op](o)) }; } catch (e) { answer = { ok: false, error: e.stack }; }
    socket.write(`${JSON.stringify(answer)}\n`);
  });
}).listen(process.argv[2] || { port: 0, host: '127.0.0.1' }, () => console.log(process.argv[2] || server.address().port));
