// What a soak looks at: Prosody's memory and descriptors, the module's longest step, and how long a bystander's ping takes.
const fs = require('fs');
const { Client } = require('../support/rig/client');
const { watch_steps } = require('../support/rig/step_cpu');

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
const milliseconds = (list) => {
  const sorted = [...list].sort((a, b) => a - b);
  return { n: sorted.length, p50: quantile(sorted, 0.5), p90: quantile(sorted, 0.9), p99: quantile(sorted, 0.99), max: sorted[sorted.length - 1] };
};
const shown = (q) => (q.n ? `${q.n} pings, median ${q.p50.toFixed(2)}, 90 % ${q.p90.toFixed(2)}, 99 % ${q.p99.toFixed(2)}, longest ${q.max.toFixed(2)} ms` : 'no pings');

class Measures {
  constructor(prosody) { this.prosody = prosody; this.quiet = []; this.during = []; this.longest = 0; this.cpu = 0; }
  async begin() {
    this.longest_cpu = await watch_steps(this.prosody);
    this.bystander = new Client();
    const r = await this.bystander.connect({ port: this.prosody.ports.http, transport: 'websocket', jid: 'auth.meet.test', ...{ jid: 'focus@auth.meet.test', password: 'focus-password' } });
    if (!r.connected) throw new Error(`the bystander cannot log in: ${r.condition}`);
    for (let i = 0; i < 300; i++) this.quiet.push(await this.ping());
  }
  async ping() {
    const from = process.hrtime.bigint();
    await this.bystander.iq({ type: 'get', to: 'auth.meet.test', xmlns: 'http://jabber.org/protocol/disco#info' });
    return Number(process.hrtime.bigint() - from) / 1e6;
  }
  // Pings one after another while `burst` goes on.
  async storm(burst) {
    for (let i = 0; i < 60; i++) this.quiet.push(await this.ping());
    let over = false;
    const done = burst().finally(() => { over = true; });
    const until = Date.now() + 400;
    while (!over && Date.now() < until) this.during.push(await this.ping());
    await done;
  }
  async step() {
    const code = 'local longest = 0 for _, s in pairs(require "core.modulemanager".get_module("meet.test", "skotos_bridge").status()) do longest = math.max(longest, s.longest_step) end collectgarbage() return longest';
    this.longest = Math.max(this.longest, Number(await this.prosody.lua(code)) || 0);
    this.cpu = await this.longest_cpu();
  }
  memory() { return Number(fs.readFileSync(`/proc/${this.prosody.child.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]); }
  descriptors() { return fs.readdirSync(`/proc/${this.prosody.child.pid}/fd`).length; }
  // All has been done once: from here on nothing grows.
  async mark() { await this.step(); this.marked = { memory: this.memory(), descriptors: this.descriptors() }; }
  async line(soak) {
    await this.step();
    return `${soak.tokens} tokens, ${soak.lost} requests lost with their link; memory ${this.memory()} KB, ${this.descriptors()} descriptors; longest step ${(this.cpu * 1000).toFixed(2)} ms of the processor, ${(this.longest * 1000).toFixed(2)} ms by the clock`;
  }
  async broken() {
    await this.step();
    this.last = { memory: this.memory(), descriptors: this.descriptors() };
    this.marked = this.marked || this.last;
    const rules = [], grown = this.last.memory - this.marked.memory;
    if (grown > 4096 + this.marked.memory * 0.1) rules.push(`memory is flat: ${this.marked.memory} KB became ${this.last.memory} KB`);
    if (this.last.descriptors > this.marked.descriptors + 2) rules.push(`descriptors are flat: ${this.marked.descriptors} became ${this.last.descriptors}`);
    return rules;
  }
  report(soak) {
    const quiet = milliseconds(this.quiet), during = milliseconds(this.during);
    return [
      `${soak.tokens} tokens made and checked; ${soak.answered} requests on links that lived, all answered; ${soak.lost} lost with the link that they came on`,
      `memory ${this.marked.memory} KB after everything was done once, ${this.last.memory} KB at the end; descriptors ${this.marked.descriptors} and ${this.last.descriptors}`,
      `longest time that one turn of Prosody's loop spent in the module: ${(this.cpu * 1000).toFixed(2)} ms of the processor, ${(this.longest * 1000).toFixed(2)} ms by the clock`,
      `a bystander's ping when all is quiet:               ${shown(quiet)}`,
      `a bystander's ping while 1000 requests are answered: ${shown(during)}`,
    ];
  }
}
module.exports = { Measures };
