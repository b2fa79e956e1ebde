// HAProxy with the configuration of packaging/haproxy, but for where it listens and where the shards are.
const fs = require('fs'), net = require('net');
const { spawn } = require('child_process');
const { root } = require('./prosody'), freePort = require('./free_port');

class Balancer {
  // In front of `prosodys`, on 127.0.0.1; its file is in `dir`.
  static async start(dir, prosodys) {
    const self = new Balancer();
    self.port = await freePort();
    self.dir = dir;
    const servers = prosodys.map((p, i) => `    server shard${i + 1} ${p.host}:${p.ports.http}\n`).join('');
    const text = fs.readFileSync(`${root}/packaging/haproxy/haproxy.cfg`, 'utf8')
      .replace(/maxconn 100000/, `maxconn 500\n    stats socket ${dir}/haproxy.sock mode 600 level admin`)
      .replace(/^ *bind .*$/m, `    bind 127.0.0.1:${self.port}`).replace(/(^ {4}server \S+ .*\n)+/m, servers);
    fs.writeFileSync(`${dir}/haproxy.cfg`, text);
    self.child = spawn('haproxy', ['-db', '-f', `${dir}/haproxy.cfg`], { stdio: ['ignore', 'pipe', 'pipe'] });
    self.output = '';
    for (const s of ['stdout', 'stderr']) self.child[s].on('data', (d) => { self.output += d; });
    for (let i = 0; !fs.existsSync(`${dir}/haproxy.sock`); i++) {
      if (i > 200 || self.child.exitCode !== null) throw new Error(`HAProxy does not start: ${self.output}`);
      await new Promise((done) => setTimeout(done, 50));
    }
    return self;
  }
  // What HAProxy thinks of each shard: "UP", "NOLB" (drained), "DOWN", …
  states() {
    return new Promise((done, fail) => {
      let text = '';
      net.connect(`${this.dir}/haproxy.sock`, function connected() { this.write('show stat\n'); }).on('data', (d) => { text += d; }).on('error', fail)
        .on('end', () => done(text.split('\n').map((l) => l.split(',')).filter((l) => /^shard\d/.test(l[1])).map((l) => l[17].split(' ')[0])));
    });
  }
  kill() { this.child.kill('SIGKILL'); }
}
module.exports = { Balancer };
