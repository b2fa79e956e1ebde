// What it costs when a game's command is for a room on another shard: beside two ping IQs (XEP-0199), with their
// answers, over the same connection between the same two Prosodys. Both shards' CPU is counted. It is measured by a
// child of this process in a network of its own (spec/support/rig/shards.js), which prints the figures as JSON.
const { spawn, spawnSync } = require('child_process');
const { Shards, domain } = require('../spec/support/rig/shards');
const { Client } = require('./xmpp');
const { cpu_ns } = require('./process');
const { version } = require('./prosody');
const { rounds, quick } = require('./settings');
const { token } = require('./joins');

const COUNT = quick ? 200 : 500;

// Sends two pings for each of COUNT, as little as it takes: Prosody's own module:send_iq keeps no more than 256 at a
// time. Resolved when all are answered.
const PING = (from, to) => `
local st = require "util.stanza";
local module = module:context("${from}");
prosody.pinged = 0;
local function answered(event)
  local stanza = event.stanza;
  if stanza.attr.type ~= "result" or not stanza.attr.id:find("^bench%-") then return; end
  prosody.pinged = prosody.pinged + 1;
  return true;
end
module:unhook("iq/host", prosody.ping_answered or answered);
prosody.ping_answered = answered;
module:hook("iq/host", answered, 20);
for i = 1, ${2 * COUNT} do
  module:send(st.iq({ type = "get", from = "${from}", to = "${to}", id = "bench-" .. i }):tag("ping", { xmlns = "urn:xmpp:ping" }));
end`;

const requests = (prosody) => prosody.lua("return prosody.hosts['meet.test'].modules.skotos_bridge.status().game.requests");

async function eventually(what, test) {
  for (const end = Date.now() + 30000; Date.now() < end; await new Promise((r) => setTimeout(r, 20))) if (await test()) return;
  throw new Error(`waited half a minute for ${what}`);
}

// The number of the shard whose link the game asks.
async function find_asked({ game, prosodys }) {
  const before = await Promise.all(prosodys.map(requests));
  await game.ask({ cmd: 'ping' }, 30);
  const after = await Promise.all(prosodys.map(requests));
  return after.findIndex((n, i) => n !== before[i]);
}

async function enter(prosody, host, game, room) {
  const client = new Client(host);
  await client.login(prosody.ports.http, token(room, 1), room);
  client.join(room, 'p1');
  await eventually(`somebody in ${room}`, async () => (await game.ask({ cmd: 'occupants', channel: room }, 30)).success);
}

async function commands({ game }, room) {
  const seqs = await game.order(Array.from({ length: COUNT }, () => ({ cmd: 'occupants', channel: room })));
  await game.settled(60);
  for (const seq of seqs) {
    const reply = await game.result(seq);
    if (!reply.success || reply.occupants.length !== 1) throw new Error(`a command went wrong: ${JSON.stringify(reply).slice(0, 500)}`);
  }
}

async function pings(asked, from, to) {
  const said = await asked.lua(PING(from, to));
  if (said !== 'nil') throw new Error(said);
  await eventually('all pings to be answered', async () => Number(await asked.lua('return prosody.pinged')) === 2 * COUNT);
}

// Microseconds of both shards' CPU for each of COUNT.
async function cost({ prosodys }, act) {
  const used = () => prosodys.map((p) => cpu_ns(p.child.pid)).reduce((a, b) => a + b, 0);
  for (const prosody of prosodys) await prosody.lua('collectgarbage() collectgarbage()');
  const before = used();
  await act();
  return (used() - before) / COUNT / 1000;
}

async function measure() {
  const shards = await Shards.start({ versions: [version, version], host_options: 'skotos_commands = true', global_options: 'log = { info = "*console" }' });
  const { game, prosodys } = shards;
  await game.until('connected 2', 30);
  for (const [n, p] of prosodys.entries()) {
    await p.lua(`require "core.modulemanager".load("${domain(n + 1)}", "ping")`);
    await eventually('the shards to see each other', async () => await p.lua(`return prosody.hosts['meet.test'].modules.skotos_bridge.shards()
      .shards['${domain(2 - n)}'].up`) === 'true');
  }
  const asked = await find_asked(shards), other = 1 - asked;
  await enter(prosodys[asked], shards.network.machines[asked].address, game, 'here');
  await enter(prosodys[other], shards.network.machines[other].address, game, 'there');
  const figures = { elsewhere: [], pings: [], here: [] };
  for (let round = 0; round <= rounds; round++) {
    const of = {
      elsewhere: await cost(shards, () => commands(shards, 'there')),
      pings: await cost(shards, () => pings(prosodys[asked], domain(asked + 1), domain(other + 1))),
      here: await cost(shards, () => commands(shards, 'here')),
    };
    if (round > 0) for (const [name, list] of Object.entries(figures)) list.push(of[name]); // round 0 warms up
  }
  await shards.stop();
  return figures;
}

// How a child gets a network of its own here, as rig.enclose finds out for the specs.
function enclosed() {
  for (const flags of ['-n', '-rn']) {
    const tried = spawnSync('unshare', [flags, 'sh', '-c', 'ip link add br0 type bridge && unshare -n true']);
    if (tried.status === 0) return ['unshare', flags];
  }
  throw new Error('network namespaces are not allowed here');
}

async function run(progress) {
  progress(`commands to another shard and pings, ${rounds} rounds`);
  const [command, flags] = enclosed();
  const child = spawn(command, [flags, process.execPath, __filename], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data) => { text += data; });
  const code = await new Promise((done) => child.on('close', done));
  if (code !== 0) throw new Error(`the shards could not be measured: ${text}`);
  const figures = JSON.parse(text);
  return [{ id: 'elsewhere', title: "CPU of a game's command to a room on another shard, both shards'", unit: 'µs', better: 'less', ours: 'elsewhere',
    contenders: [{ name: 'elsewhere', label: 'a command there', figures: figures.elsewhere },
      { name: 'pings', label: 'two ping IQs over the same connection', figures: figures.pings },
      { name: 'here', label: 'a command to a room here', figures: figures.here }],
    goals: [{ against: ['pings'], most: 1.5, says: '≤ 1.5 × the two pings' }] }];
}

if (require.main === module) {
  measure().then((figures) => { console.log(JSON.stringify(figures)); process.exit(0); }, (error) => { console.error(error); process.exit(1); });
}
module.exports = { run };
