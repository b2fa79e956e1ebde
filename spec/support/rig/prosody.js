// Starts a Prosody of either version on loopback with a stock Jitsi host's configuration, or with `configuration(dir, ports, o)`.
const fs = require('fs'), http = require('http'), path = require('path');
const { spawn } = require('child_process');
const freePort = require('./free_port'), started = require('./started');

const root = path.resolve(__dirname, '../../..');
const build = path.resolve(root, process.env.SKOTOS_BUILD || 'build');
const SECRET = 'a-secret-for-the-specs-of-40-characters!';

function configuration(dir, ports, o) {
  return `
pidfile = "${dir}/prosody.pid"; data_path = "${dir}/data"; run_as_root = true
plugin_paths = { "${root}/mod_skotos_bridge", "${root}/spec/support/plugins" }
log = { debug = "${dir}/prosody.log" }
modules_enabled = { "bosh", "websocket", "saslauth", "disco", "smacks"${o.shell ? ', "admin_shell"' : ''} }
modules_disabled = { ${o.s2s ? '"offline"' : '"s2s"'}${o.shell ? '' : ', "admin_shell"'} }
interfaces = { "${o.address || '127.0.0.1'}" }; local_interfaces = { "127.0.0.1" }
c2s_ports = { }; legacy_ssl_ports = { }; s2s_ports = { ${o.s2s ? 5269 : ''} }; https_ports = { }
http_ports = { ${ports.http} }; http_default_host = "meet.test"; http_interfaces = { "${o.address || '127.0.0.1'}" }
consider_bosh_secure = true; consider_websocket_secure = true; c2s_require_encryption = false
cross_domain_bosh = true; limits = {}
${o.global_options || ''}
VirtualHost "meet.test"
  authentication = "${o.auth || 'token'}"
  app_id = "skotos"; ${o.secret_option || `app_secret = "${SECRET}"`}
  main_muc = "conference.meet.test"
  modules_enabled = { ${o.bridge === false ? '' : '"skotos_bridge",'} "rig" }
  ${o.game_port ? `skotos_port = ${o.game_port}` : ''}
  ${o.host_options || ''}
VirtualHost "auth.meet.test"
  authentication = "internal_plain"
Component "conference.meet.test" "muc"
  admins = { "focus@auth.meet.test" }
  component_admins_as_room_owners = true
  muc_room_locking = false; muc_room_default_public_jids = true; restrict_room_creation = false
  ${o.muc_options || ''}
`;
}

// The launcher of the version under test: Debian's own, or a copy that points at the unpacked one.
function launcher(dir, version) {
  if (version !== '13.0') return '/usr/bin/prosody';
  const tree = path.join(root, 'build/prosody13');
  const text = fs.readFileSync(`${tree}/usr/bin/prosody`, 'utf8').replace(/\/usr\/lib\/prosody/g, `${tree}/usr/lib/prosody`);
  fs.writeFileSync(`${dir}/prosody13`, text, { mode: 0o755 });
  return `${dir}/prosody13`;
}

class Prosody {
  static async start(o) {
    const self = new Prosody();
    self.options = o;
    self.ports = { http: o.http_port || await freePort() };
    fs.mkdirSync(path.join(root, 'build/run'), { recursive: true });
    self.dir = fs.mkdtempSync(path.join(root, 'build/run/prosody-'));
    const accounts = `${self.dir}/data/${`auth.${o.domain || 'meet.test'}`.replace(/\./g, '%2e')}/accounts`;
    fs.mkdirSync(accounts, { recursive: true });
    fs.writeFileSync(`${accounts}/focus.dat`, 'return { ["password"] = "focus-password"; };\n');
    started.add(self);
    await self.launch(o);
    return self;
  }
  async launch(o) {
    this.write(o);
    // Under a sanitizer (SKOTOS_PRELOAD) or a verifier of memory (SKOTOS_WRAP) only Prosody itself runs.
    const env = { ...process.env, LUA_CPATH: `${build}/?.so;;`, LD_PRELOAD: process.env.SKOTOS_PRELOAD || '', ...(o.env || {}) };
    this.host = o.address || '127.0.0.1';
    const command = [...(o.enter || []), ...(process.env.SKOTOS_WRAP || '').split(' ').filter(Boolean), 'lua5.4'];
    this.child = spawn(command[0], [...command.slice(1), launcher(this.dir, o.version), '--config', `${this.dir}/prosody.cfg.lua`, '-F'],
      { env, stdio: ['ignore', 'pipe', 'pipe'], detached: o.detached });
    this.output = ''; this.code = undefined; this.signal = undefined;
    for (const s of ['stdout', 'stderr']) this.child[s].on('data', (d) => { this.output += d; });
    this.exited = new Promise((done) => this.child.on('exit', (code, signal) => { this.code = code; this.signal = signal; done(); }));
    await this.until(() => this.answers(), 60, 'Prosody to answer');
  }
  // Ends it, by SIGKILL where `hard`, and starts it again with the same data and ports; `o`: options that have changed.
  async restart(hard, o) {
    this.child.kill(hard ? 'SIGKILL' : 'SIGTERM');
    await this.exited;
    await this.launch(Object.assign(this.options, o));
  }
  write(o) { fs.writeFileSync(`${this.dir}/prosody.cfg.lua`, (o.configuration || configuration)(this.dir, this.ports, o)); }
  log() { try { return fs.readFileSync(`${this.dir}/prosody.log`, 'utf8'); } catch (e) { return ''; } }
  async until(test, seconds, what) {
    for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
      if (await test()) return;
      if (this.code !== undefined || this.signal) throw new Error(`Prosody ended early: ${this.output}`);
      await new Promise((r) => setTimeout(r, 20));
    }
    throw new Error(`waited ${seconds} s for ${what}; the log ends:\n${this.log().slice(-2000)}\n${this.output.slice(-2000)}`);
  }
  answers() {
    return new Promise((done) => http.get({ port: this.ports.http, host: this.host, path: '/http-bind' }, (r) => { r.resume(); done(true); })
      .on('error', () => done(false)));
  }
  lua(code) {
    return new Promise((done, fail) => {
      const r = http.request({ port: this.ports.http, host: this.host, path: '/rig', method: 'POST', headers: { Host: 'meet.test' } }, (res) => {
        let text = ''; res.on('data', (d) => { text += d; }); res.on('end', () => done(text));
      });
      r.on('error', fail); r.end(code);
    });
  }
  async reload(o) {
    this.write(Object.assign(this.options, o));
    return this.lua('prosody.reload_config() return "reloaded"');
  }
  async stop() {
    if (!this.child.killed && this.code === undefined) this.child.kill('SIGTERM');
    const hard = setTimeout(() => this.child.kill('SIGKILL'), 60000);
    await this.exited;
    clearTimeout(hard);
    const left = { code: this.code, signal: this.signal, output: this.output.slice(-4000) };
    if (!process.env.KEEP_RUN) fs.rmSync(this.dir, { recursive: true, force: true });
    started.delete(this);
    return left;
  }
  kill() { started.delete(this); try { if (this.child) this.child.kill('SIGKILL'); fs.rmSync(this.dir, { recursive: true, force: true }); } catch (e) { /* gone */ } }
}
module.exports = { Prosody, SECRET, build, root };
