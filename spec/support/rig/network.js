// A network inside this process's own namespace: a switch, and a namespace per machine on it, which can be cut off from one another.
// Nothing of it is seen outside, and nothing is left of it when the process has ended.
const { spawn, execFileSync } = require('child_process');

const NOWHERE = '02:00:00:00:00:ff';
const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });
const HUB = '10.9.0.254';

class Machine {
  constructor(number, child) {
    Object.assign(this, { number, child, address: `10.9.0.${number}`, enter: ['nsenter', '-t', String(child.pid), '-n'] });
  }
  ip(...args) { return execFileSync(this.enter[0], [...this.enter.slice(1), 'ip', ...args], { stdio: ['ignore', 'pipe', 'pipe'] }); }
  // What it sends to `other` goes nowhere, as on a broken line: no error, no answer.
  deafTo(other) { this.ip('neigh', 'replace', other, 'lladdr', NOWHERE, 'dev', 'eth0', 'nud', 'permanent'); }
  hearing(other) { try { this.ip('neigh', 'del', other, 'dev', 'eth0'); } catch (e) { /* it could hear */ } }
}

class Network {
  // A network of `count` machines. Only in a namespace of this process's own (rig.enclose).
  static async start(count) {
    const self = new Network();
    ip('link', 'set', 'lo', 'up');
    ip('link', 'add', 'br0', 'type', 'bridge');
    ip('addr', 'add', `${HUB}/24`, 'dev', 'br0');
    ip('link', 'set', 'br0', 'up');
    self.machines = [];
    for (let n = 1; n <= count; n++) self.machines.push(await self.machine(n));
    return self;
  }
  async machine(n) {
    // It ends with this process, when its standard input does.
    const child = spawn('unshare', ['-n', 'sh', '-c', 'echo ready; read never'], { stdio: ['pipe', 'pipe', 'inherit'] });
    await new Promise((done) => child.stdout.once('data', done));
    const m = new Machine(n, child);
    ip('link', 'add', `m${n}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(child.pid));
    ip('link', 'set', `m${n}`, 'master', 'br0', 'up');
    m.ip('link', 'set', 'lo', 'up');
    m.ip('addr', 'add', `${m.address}/24`, 'dev', 'eth0');
    m.ip('link', 'set', 'eth0', 'up');
    return m;
  }
  cut(a, b) { this.machines[a - 1].deafTo(this.machines[b - 1].address); this.machines[b - 1].deafTo(this.machines[a - 1].address); }
  heal(a, b) { this.machines[a - 1].hearing(this.machines[b - 1].address); this.machines[b - 1].hearing(this.machines[a - 1].address); }
  stop() {
    for (const m of this.machines) m.child.kill('SIGKILL');
    // The kernel takes its time over a namespace that has ended; the next network wants the names now.
    for (const name of [...this.machines.map((m) => `m${m.number}`), 'br0']) {
      try { ip('link', 'del', name); } catch (e) { /* gone */ }
    }
  }
}
module.exports = { Network, HUB };
