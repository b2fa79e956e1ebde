// Several Jitsi shards as their administrator would have them: a Prosody each, on an address of its own, all with the same
// VirtualHost "meet.test"; beside it a domain of the shard's own for the talk with the others, with a certificate.
const fs = require('fs'), path = require('path');
const { Prosody, root } = require('./prosody'), { Game } = require('./game');
const { Balancer } = require('./balancer'), started = require('./started');
const { Network, HUB } = require('./network'), { Authority } = require('./certificates');

const domain = (n) => `shard${n}.test`;
const quoted = (list) => list.map((x) => `"${x}"`).join(', ');

class Shards {
  // o: versions (a Prosody's version per shard), authorities (per shard: 1, or 2 for one that the others do not know), listed (per
  // shard: the numbers of the others it has listed), host_options, global_options, game (options of the stand-in game, or false), bidi (true: XEP-0288), balancer (true: HAProxy in
  // front), linkless (numbers of the shards without a link to the game).
  static async start(o) {
    const self = new Shards();
    self.options = o;
    started.add(self);
    self.network = await Network.start(o.versions.length);
    fs.mkdirSync(path.join(root, 'build/run'), { recursive: true });
    self.dir = fs.mkdtempSync(path.join(root, 'build/run/shards-'));
    self.authorities = [new Authority(`${self.dir}/ca1`), new Authority(`${self.dir}/ca2`)];
    const hosts = self.network.machines.map((m) => `${m.address} ${domain(m.number)}\n`).join('');
    fs.writeFileSync(`${self.dir}/hosts`, hosts);
    self.game = o.game === false ? null : await Game.start({ ...(o.game || {}), address: HUB });
    self.prosodys = await Promise.all(self.network.machines.map((m) => self.prosody(m)));
    if (o.balancer) self.balancer = await Balancer.start(self.dir, self.prosodys);
    return self;
  }
  prosody(m) {
    const o = this.options, n = m.number, authority = this.authorities[((o.authorities || {})[n - 1] || 1) - 1];
    authority.issue(domain(n));
    const listed = (o.listed || {})[n - 1] || this.network.machines.map((x) => x.number).filter((x) => x !== n);
    return Prosody.start({
      version: o.versions[n - 1], address: m.address, enter: m.enter, s2s: true, http_port: 5280, auth: o.auth || 'skotos_bridge', game_port: this.game ? this.game.port : 1,
      global_options: `
s2s_secure_auth = ${o.dialback ? 'false' : 'true'}
certificates = "${authority.dir}"; ssl = { cafile = "${authority.ca}" }
unbound = { resolvconf = false, hoststxt = "${this.dir}/hosts", options = { ["local-zone:"] = "test. static" } }
${o.global_options || ''}`,
      host_options: `skotos_host = ${(o.linkless || []).includes(n) ? 'false' : `"${HUB}"`}
${listed.length ? `skotos_shards = { ${quoted(listed.map(domain))} }; skotos_shard_domain = "${domain(n)}"` : ''}
${o.host_options || ''}`,
      muc_options: `${o.muc_options || ''}\nVirtualHost "${domain(n)}"\n  modules_enabled = { "rig", "tls"${o.bidi ? ', "s2s_bidi"' : ''}${o.dialback ? ', "dialback"' : ''} }\n`,
    });
  }
  // The same shard anew, after it was killed.
  async restart(n) {
    this.prosodys[n - 1] = await this.prosody(this.network.machines[n - 1]);
    return this.prosodys[n - 1];
  }
  kill() {
    started.delete(this);
    for (const p of this.prosodys || []) p.kill();
    if (this.balancer) this.balancer.kill();
    if (this.game) this.game.kill();
    if (this.network) this.network.stop();
    if (this.dir) fs.rmSync(this.dir, { recursive: true, force: true });
  }
  async stop() {
    const left = await Promise.all(this.prosodys.map((p) => (p.code === undefined && !p.signal ? p.stop() : { gone: true })));
    if (this.balancer) this.balancer.kill();
    if (this.game) await this.game.stop();
    this.network.stop();
    started.delete(this);
    fs.rmSync(this.dir, { recursive: true, force: true });
    return left;
  }
}
module.exports = { Shards, domain };
