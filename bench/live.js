// The rows through a live Prosody: one request's round trip, requests pipelined through the listener, a thousand logins at once, memory.
// The old server's stand-in is beside it, on a link of its own to the same program (wire.c) at the other end.
const path = require('path');
const { Worker } = require('./worker');
const { Prosody } = require('./prosody'), freePort = require('../spec/support/rig/free_port');
const { Game } = require('../spec/support/rig/game');
const { cpu_ns, memory } = require('./process');
const verify = require('./verify');
const { quantile } = require('./figures');
const { build, rounds, quick } = require('./settings');

const wire = () => new Worker(path.join(build, 'wire'), []);
const old_server = (...args) => new Worker(process.execPath, [path.join(__dirname, 'old_server.js'), ...args]);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// A wire at the other end of `start(port)`, which gives what connects to it.
async function linked(start) {
  const end = wire();
  const port = Number((await end.ask('listen')).split(' ')[1]);
  const server = await start(port);
  await end.ask('accept');
  return { end, server };
}

async function both_links(options) {
  const ours = await linked((port) => Prosody.start({ game_port: port, ...options }));
  const node = await linked((port) => old_server('connect', port));
  await ours.end.ask('bursts 200 1');
  await node.end.ask('flood 3000 50'); // V8 has compiled by then
  return { ours, node };
}

async function close({ ours, node }) {
  for (const side of [ours, node]) side.end.end();
  await ours.server.stop();
  node.server.end();
}

async function trips(progress) {
  const links = await both_links({});
  const seen = { ours: [[], []], node: [[], []] };
  const count = quick ? 300 : 500;
  for (let round = 1; round <= rounds; round++) {
    for (const side of round % 2 ? ['ours', 'node'] : ['node', 'ours']) {
      progress(`round trips, round ${round} of ${rounds}: ${side}`);
      const [, list, sample] = (await links[side].end.ask(`trips ${count} 2000`)).split(' ');
      await verify.sample(sample, side);
      const ns = list.split(',').map(Number);
      seen[side][0].push(quantile(ns, 0.5) / 1000);
      seen[side][1].push(quantile(ns, 0.99) / 1000);
    }
  }
  await close(links);
  return [['trip-median', 'median'], ['trip-99', '99 %']].map(([id, which], i) => ({
    id, title: `round trip of one request, idle, ${which}`, unit: 'µs', better: 'less', ours: 'ours',
    contenders: [{ name: 'ours', label: 'live Prosody, reply padded to 8192', figures: seen.ours[i] },
      { name: 'node', label: 'Node stand-in', figures: seen.node[i] }],
    goals: [{ against: ['node'], most: 1, says: "≤ Node's" }],
  }));
}

// Requests as fast as they are answered, through the listener: by the clock, and by the server's own CPU time.
async function pipelined(progress) {
  const port = await freePort();
  const prosody = await Prosody.start({ host_options: `skotos_listen = { interface = "127.0.0.1", port = ${port} }` });
  const node = old_server('listen');
  const node_port = Number((await node.ask()).split(' ')[1]);
  const ends = { ours: wire(), node: wire() }, pids = { ours: prosody.child.pid, node: node.child.pid };
  const seen = { ours: [[], []], node: [[], []] };
  const count = quick ? 20000 : 100000;
  await ends.ours.ask(`connect ${port}`);
  await ends.node.ask(`connect ${node_port}`);
  for (const side of ['ours', 'node']) await ends[side].ask('flood 20000 256');
  for (let round = 1; round <= rounds; round++) {
    for (const side of round % 2 ? ['ours', 'node'] : ['node', 'ours']) {
      progress(`pipelined, round ${round} of ${rounds}: ${side}`);
      const before = cpu_ns(pids[side]);
      const [, ns, sample] = (await ends[side].ask(`flood ${count} 256`)).split(' ');
      seen[side][1].push(count / ((cpu_ns(pids[side]) - before) / 1e9));
      seen[side][0].push(count / (Number(ns) / 1e9));
      await verify.sample(sample, side);
    }
  }
  for (const end of Object.values(ends)) end.end();
  node.end();
  await prosody.stop();
  return [['pipelined', 'per second'], ['pipelined-cpu', 'per second of CPU time']].map(([id, unit], i) => ({
    id, title: 'requests through a live Prosody, pipelined', unit, better: 'more', ours: 'ours',
    contenders: [{ name: 'ours', label: 'live Prosody, listener', figures: seen.ours[i] }, { name: 'node', label: 'Node stand-in', figures: seen.node[i] }],
    goals: [{ against: ['node'], least: 2, says: '≥ 2 × Node' }],
  }));
}

// A thousand players log in at once, until the game has understood all: the stand-in for DGD, which reads once a turn of its loop.
async function burst(progress) {
  const figures = [], understood = [], old = [];
  const count = 1000;
  const game = await Game.start({});
  const prosody = await Prosody.start({ game_port: game.port });
  await game.until('connected 1', 20);
  await game.command('burst 50 Warm'); // the first requests of a process page its code in
  await game.settled(70);
  for (let round = 1; round <= rounds; round++) {
    progress(`${count} logins at once, round ${round} of ${rounds}`);
    const before = await game.stats(), from = process.hrtime.bigint();
    await game.command(`burst ${count} Player`);
    const after = await game.settled(70);
    figures.push(Number(process.hrtime.bigint() - from) / 1e9);
    understood.push(after.understood - before.understood);
  }
  await prosody.stop();
  await game.stop();
  for (let round = 1; round <= (quick ? 1 : 3); round++) {
    progress(`${count} logins at once with the Node stand-in, round ${round}`);
    const other = await Game.start({ timeout: 2000 });
    const node = old_server('connect', other.port);
    await other.until('connected 1', 20);
    await other.command(`burst ${count} Player`);
    old.push((await other.settled(20)).understood);
    node.end();
    await other.stop();
  }
  return [
    { id: 'burst', title: '1000 logins at once until all are understood', unit: 's', better: 'less', ours: 'ours',
      contenders: [{ name: 'ours', label: 'live Prosody', figures }], goals: [{ rate: 0.15, says: '≤ 0.15 s' }] },
    { id: 'burst-understood', title: 'of these, understood by the game', unit: 'of 1000', better: 'more', ours: 'ours',
      contenders: [{ name: 'ours', label: 'live Prosody', figures: understood }, { name: 'node', label: 'Node stand-in', figures: old }],
      goals: [{ rate: count, every: true, says: 'all, in every round' }] },
  ];
}

const MEGABYTE = 1024 * 1024;

// The same Prosody before and after the module is loaded into it, after a million requests, of which the link carries 20,000 (their
// replies are paced, and would take minutes) and the listener the others, and after ten million. Garbage is collected before each look.
async function memory_rows(progress) {
  const count = quick ? 100000 : 1000000, over_link = 20000, times = quick ? 1 : 3, longer = 10;
  const loaded = [], after = [], after_more = [], node_idle = [], node_after = [];
  const look = async (prosody) => { await prosody.lua('collectgarbage() collectgarbage()'); return memory(prosody.child.pid).rss; };
  for (let round = 1; round <= times; round++) {
    progress(`memory, round ${round} of ${times}: ${count} requests`);
    const port = await freePort();
    const { end, server: prosody } = await linked(async (game_port) => {
      const p = await Prosody.start({ bridge: false, shell: true, game_port, // its shell is there, as in Prosody's own configuration
         host_options: `skotos_listen = { interface = "127.0.0.1", port = ${port} }` });
      await look(p);
      p.base = await look(p);
      const said = await p.lua('return tostring((require "core.modulemanager".load("meet.test", "skotos_bridge")) ~= nil)');
      if (said !== 'true') throw new Error(`the module does not load: ${said}\n${p.output}`);
      return p;
    });
    await pause(200);
    loaded.push((await look(prosody) - prosody.base) / MEGABYTE);
    const client = wire();
    await client.ask(`connect ${port}`);
    await verify.sample((await end.ask(`bursts ${over_link} 1000`)).split(' ')[2], 'ours');
    await verify.sample((await client.ask(`flood ${count - over_link} 256`)).split(' ')[2], 'ours');
    after.push((await look(prosody) - prosody.base) / MEGABYTE);
    progress(`memory, round ${round} of ${times}: ${count * longer} requests`);
    await verify.sample((await client.ask(`flood ${count * (longer - 1)} 256`)).split(' ')[2], 'ours');
    after_more.push((await look(prosody) - prosody.base) / MEGABYTE);
    end.end();
    client.end();
    await prosody.stop();
    const node = await linked((node_port) => old_server('connect', node_port));
    node_idle.push(memory(node.server.child.pid).rss / MEGABYTE);
    await node.end.ask(`flood ${count} 256`);
    node_after.push(memory(node.server.child.pid).rss / MEGABYTE);
    node.end.end();
    node.server.end();
  }
  const row = (id, title, ours, node, most) => ({ id, title, unit: 'MB', better: 'less', ours: 'ours',
    contenders: [{ name: 'ours', label: 'added to Prosody', figures: ours }, { name: 'node', label: 'Node stand-in, the process', figures: node }],
    goals: [{ rate: most, says: `≤ ${most} MB` }] });
  const many = count.toLocaleString('en'), more = (count * longer).toLocaleString('en');
  return [row('memory', 'memory that loading the module adds', loaded, node_idle, 1),
    row('memory-after', `memory after ${many} requests`, after, node_after, 1.2),
    { id: 'memory-after-more', title: `memory after ${more} requests`, unit: 'MB', better: 'less', ours: 'ours',
      contenders: [{ name: 'ours', label: 'added to Prosody', figures: after_more }, { name: 'before', label: `after ${many}`, figures: after }],
      goals: [{ rate: 1.2, says: '≤ 1.2 MB' }, { against: ['before'], most: 1.05, says: `flat (≤ 1.05 × after ${many})` }] }];
}

module.exports = { trips, pipelined, burst, memory_rows };
