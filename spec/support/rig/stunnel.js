// Debian's stunnel with the configuration that packaging/game-host has for the game's host; only ports and paths are the spec's own.
const fs = require('fs'), os = require('os'), path = require('path');
const { spawn } = require('child_process');
const { root } = require('./prosody'), freePort = require('./free_port'), started = require('./started');

class Stunnel {
  // o.game: the game's port; o.certificates: where make-certificates.sh put its files; o.address, o.port: where it listens;
  // o.prefix as for the game; o.replace: pairs of text.
  static async start(o) {
    const self = new Stunnel();
    self.port = o.port || await freePort();
    self.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'skotos-stunnel-'));
    let text = fs.readFileSync(`${root}/packaging/game-host/skotos-game.conf`, 'utf8');
    const changes = [['accept = :::11092', `accept = ${o.address || '127.0.0.1'}:${self.port}`], ['connect = 127.0.0.1:11091', `connect = 127.0.0.1:${o.game}`],
      ['syslog = yes', 'syslog = no'], ...(o.replace || []), ['/etc/stunnel/skotos/', `${o.certificates}/`]];
    for (const [from, to] of changes) {
      if (!text.includes(from)) throw new Error(`skotos-game.conf has no "${from}"`);
      text = text.split(from).join(to);
    }
    fs.writeFileSync(`${self.dir}/stunnel.conf`, text);
    const [command, ...args] = [...(o.prefix || []), '/usr/bin/stunnel4', `${self.dir}/stunnel.conf`];
    self.child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    started.add(self);
    self.output = '';
    for (const s of ['stdout', 'stderr']) self.child[s].on('data', (d) => { self.output += d; });
    self.exited = new Promise((done) => self.child.on('exit', (code) => { self.code = code; done(code); }));
    await self.until('Configuration successful');
    return self;
  }
  async until(text) {
    for (const end = Date.now() + 60000; Date.now() < end;) {
      if (this.output.includes(text)) return;
      if (this.code !== undefined) break;
      await new Promise((r) => setTimeout(r, 10));
    }
    throw new Error(`stunnel did not say "${text}": ${this.output}`);
  }
  async stop() {
    this.child.kill('SIGTERM');
    await this.exited;
    started.delete(this);
    fs.rmSync(this.dir, { recursive: true, force: true });
    return { code: this.code };
  }
  kill() { this.child.kill('SIGKILL'); fs.rmSync(this.dir, { recursive: true, force: true }); }
}
module.exports = { Stunnel };
