// soak.js SECONDS: a Prosody, a stand-in game that misbehaves, players who come and go, for as long. Runs in a network namespace of its own
// (soak.mk), whose packets it drops and resets. Prints what it does and sees; exits non-zero when a rule is broken.
const fs = require('fs'), { execFileSync } = require('child_process');
const jwt = require('jsonwebtoken');
const { Prosody, SECRET } = require('../support/rig/prosody'), { Game } = require('../support/rig/game'), { Client } = require('../support/rig/client');
const { Measures } = require('./measures');

const length = Number(process.argv[2] || 600) * 1000, begun = Date.now();
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const pick = (list) => list[Math.floor(Math.random() * list.length)];
const hex = (bytes) => Buffer.from(bytes, 'latin1').toString('hex') || '-';
const say = (text) => console.log(`${String(Math.round((Date.now() - begun) / 1000)).padStart(4)} s  ${text}`);
const nft = (...args) => execFileSync('nft', args, { stdio: ['ignore', 'ignore', 'inherit'] });

const broken = new Map();
function must(holds, rule) {
  if (holds) return;
  broken.set(rule, (broken.get(rule) || 0) + 1);
  say(`BROKEN: ${rule}`);
}

class Soak {
  async begin() {
    this.game = await Game.start({ timeout: 6000 });
    this.prosody = await Prosody.start({ version: process.env.SKOTOS_PROSODY || '0.12', game_port: this.game.port, host_options: 'skotos_reply_interval = 0' });
    this.measures = new Measures(this.prosody);
    this.tokens = 0; this.answered = 0; this.lost = 0; this.acts = {};
    nft('add', 'table', 'inet', 'soak');
    nft('add', 'chain', 'inet', 'soak', 'input', '{ type filter hook input priority 0; }');
    await this.game.until('connected 1', 20);
  }
  // From the request `first` on: whoever got a token got his own. Gives how the requests ended.
  async check(first, count, names) {
    const ends = {};
    for (let i = 0; i < count; i++) {
      const r = await this.game.result(`#${first + i}`);
      const state = r.state === 'reply' ? (r.success ? 'token' : 'failure') : r.state;
      ends[state] = (ends[state] || 0) + 1;
      if (state !== 'token') continue;
      const claims = jwt.verify(r.token, SECRET);
      must(claims.context.user.name === (names ? names(i) : Buffer.from(r.name, 'hex').toString()), 'a token is its own player\'s');
      must(claims.moderator === false, 'nobody is a moderator who was not asked for');
    }
    this.tokens += ends.token || 0;
    return ends;
  }
  // The game has one link again. It may hold on to a dead one until it writes to it, and what it writes is lost with that.
  async recover() {
    for (let i = 0; i < 5; i++) {
      const [, , , id] = (await this.game.command(`burst 1 probe${i}x`)).split(' ');
      await this.game.settled(90);
      if ((await this.check(Number(id), 1)).token) return this.game.until('connected 1', 70);
      this.lost++;
    }
    throw new Error('the game has no link that lives');
  }
  // A burst on a link that lives: all are answered with a token.
  async served(count, prefix) {
    const [, first, , id] = (await this.game.command(`burst ${count} ${prefix}`)).split(' ');
    await this.game.settled(20);
    const ends = await this.check(Number(id), count, (i) => `${prefix}${i}`);
    must(ends.token === count, `each request on a link that lives gets its token (${JSON.stringify(ends)} of ${count} from ${first})`);
    this.answered += count;
  }
  // A burst that its link may not survive: who is answered is answered rightly.
  async risked(count, prefix, what) {
    const [, , , id] = (await this.game.command(`burst ${count} ${prefix}`)).split(' ');
    await what();
    await this.game.settled(90);
    const ends = await this.check(Number(id), count, (i) => `${prefix}${i}`);
    this.lost += ends.timeout || 0;
    await this.recover();
  }
}

const hostile = ['', 'x'.repeat(129), '\\u0000', '\\ud800', '\xe9l\xe8ve', 'a\\', 'a\tb', 'x", "moderator": true, "q": "', '\0{ "cmd": "jwt_token", "displayName": "Skott',
  'x", "channel": "tavern", "moderator": true, "validFor": 600, "seq": 1 }\0{ "cmd": "jwt_token", "displayName": "z', 'y'.repeat(70000), '\0'.repeat(20000), '{"a":[[[['];

let soak, number = 0;
const prefix = () => `p${++number}x`;

const acts = {
  async burst() { await soak.served(pick([1, 10, 60, 200]), prefix()); },
  async storm() { await soak.measures.storm(() => soak.served(1000, prefix())); },
  async busy() { await soak.game.command(`busy ${pick([200, 800, 1400])}`); await soak.served(150, prefix()); },
  async truncated() {
    const before = await soak.game.stats();
    await soak.game.command(`raw ${hex('{ "cmd": "jwt_token", "displayName": "cut of')}`);
    await soak.game.command(`login ${hex('Behind')} ${hex('tavern')}`);
    const after = await soak.game.settled(20);
    must(after.failed === before.failed + 1 && after.timeouts === before.timeouts, 'a torn frame fails at once, with its number');
  },
  async merged() {
    const before = await soak.game.stats();
    await soak.game.command(`raw ${hex('{ "seq": 1 }\0\0{ "seq": 2 }\0half')}`);
    await soak.game.command(`login ${hex('Behind')} ${hex('tavern')}`);
    const after = await soak.game.settled(20);
    must(after.unasked === before.unasked && after.timeouts === before.timeouts, 'frames that no game wrote get no reply');
  },
  async hostile() {
    await soak.served(1, prefix());
    const before = await soak.game.stats();
    for (const name of hostile) await soak.game.command(`login ${hex(name)} ${hex('tavern')}`);
    const after = await soak.game.settled(20);
    must(after.timeouts === before.timeouts && after.unasked === before.unasked, 'each hostile name is answered once');
  },
  async driver() { await soak.game.command(`raw ${hex('Bad argument 2 for kfun call_other\n   24 reply_for   /usr/SkotOS/sys/avchat\n')}`); await soak.served(5, prefix()); },
  async closed() { await soak.risked(300, prefix(), () => soak.game.command('drop')); },
  async cold() { await soak.risked(100, prefix(), () => soak.game.command('restart cold')); },
  async warm() { await soak.risked(100, prefix(), () => soak.game.command('restart warm')); },
  async away() { await soak.risked(20, prefix(), async () => { await soak.game.command('stop'); await sleep(pick([300, 2500])); await soak.game.command('start'); }); },
  async reset() {
    await soak.risked(300, prefix(), async () => {
      nft('add', 'rule', 'inet', 'soak', 'input', 'tcp', 'sport', String(soak.game.port), 'reject', 'with', 'tcp', 'reset');
      nft('add', 'rule', 'inet', 'soak', 'input', 'tcp', 'dport', String(soak.game.port), 'reject', 'with', 'tcp', 'reset');
      await soak.game.command(`burst 3 r${number}x`);
      await sleep(300);
      nft('flush', 'chain', 'inet', 'soak', 'input');
    });
  },
  async 'half-open'() {
    const gone = (Date.now() - begun > length * 0.3 && !acts.dead && length > 200000) ? 60000 : pick([500, 2500]);
    acts.dead = acts.dead || gone > 10000;
    await soak.risked(20, prefix(), async () => {
      nft('add', 'rule', 'inet', 'soak', 'input', 'tcp', 'sport', String(soak.game.port), 'drop');
      nft('add', 'rule', 'inet', 'soak', 'input', 'tcp', 'dport', String(soak.game.port), 'drop');
      await sleep(gone);
      nft('flush', 'chain', 'inet', 'soak', 'input');
      await sleep(200);
    });
  },
  async module() { await soak.measures.step(); await soak.prosody.lua('return require "core.modulemanager".reload("meet.test", "skotos_bridge")'); await soak.game.until('connected 1', 70); await soak.served(20, prefix()); },
  async config() {
    await soak.measures.step();
    await soak.prosody.reload({ host_options: `skotos_reply_interval = 0; skotos_token_default_validity = ${600 + number}` });
    await soak.game.until('connected 1', 70);
    await soak.served(20, prefix());
  },
  async players() {
    const room = `hall${number}`, transport = pick(['websocket', undefined]);
    const login = async (name, moderator) => {
      const c = new Client();
      const token = jwt.sign({ iss: 'skotos', aud: 'jitsi', sub: 'meet.test', room, moderator, context: { user: { id: name, name } } }, SECRET, { expiresIn: 600 });
      const r = await c.connect({ port: soak.prosody.ports.http, transport, token, room });
      must(r.connected, `a player logs in (${r.condition})`);
      return { c, own: await c.join({ room, nick: name }) };
    };
    const owner = await login('Owner', true), guests = await Promise.all(['Ann', 'Bob', 'Eve'].map((n) => login(n, false)));
    must(owner.own.affiliation === 'owner' && guests.every((g) => g.own.affiliation === 'member'), 'a token decides the affiliation');
    const ban = await owner.c.iq({ to: `${room}@conference.meet.test`, xmlns: 'http://jabber.org/protocol/muc#admin', item: { affiliation: 'outcast', jid: guests[2].c.connection.jid.split('/')[0] } });
    must(ban.type === 'result', 'an owner bans');
    const again = await login('Eve', false);
    must(again.own.type === 'error', 'a ban holds for the person');
    guests[0].c.leave({ room, nick: 'Ann' });
    for (const { c } of [owner, ...guests, again]) c.disconnect();
    await sleep(100);
  },
};

async function run() {
  soak = new Soak();
  await soak.begin();
  await soak.measures.begin();
  say(`Prosody ${soak.prosody.child.pid} and a game on port ${soak.game.port}`);
  const names = Object.keys(acts);
  for (let i = 0; Date.now() - begun < length || i < names.length; i++) {
    const name = i < names.length ? names[i] : pick(names);
    if (typeof acts[name] !== 'function') continue;
    const from = Date.now();
    try { await acts[name](); } catch (e) { must(false, `${name}: ${e.message}`); }
    soak.acts[name] = (soak.acts[name] || 0) + 1;
    if (Date.now() - from > 8000) say(`${name} took ${Math.round((Date.now() - from) / 1000)} s`);
    must(soak.prosody.code === undefined && !soak.prosody.signal, 'Prosody lives');
    if (soak.prosody.code !== undefined) break;
    if (i % 8 === 7) say(await soak.measures.line(soak));
    if (i === names.length) await soak.measures.mark();
  }
  await soak.served(100, prefix());
  await sleep(500);
  say(await soak.measures.line(soak));
  for (const rule of await soak.measures.broken()) must(false, rule);
  const log = soak.prosody.log().split('\n');
  const errors = log.filter((l) => /\terror\t|traceback/.test(l) && !/certificate|portmanager/.test(l));
  must(errors.length === 0, `no error in the log: ${errors.slice(0, 3).join(' | ')}`);
  if (process.env.KEEP_RUN) fs.writeFileSync('build/soak.log', log.join('\n'));
  must((await soak.prosody.stop()).code === 0, 'Prosody ends well');
  console.log(`\n${Object.entries(soak.acts).map(([k, v]) => `${k} ${v}`).join(', ')}`);
  for (const line of soak.measures.report(soak)) console.log(line);
  const rules = [...broken.keys()];
  console.log(rules.length ? `soak: ${rules.length} rules broken` : `soak: ${Math.round((Date.now() - begun) / 1000)} s, no rule broken`);
  process.exit(rules.length ? 1 : 0);
}

run().catch((e) => { console.error(e); process.exit(1); });
