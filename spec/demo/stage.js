// What the acts play on: a Prosody with the example configuration, the stand-in game, and the people.
const crypto = require('crypto'), path = require('path'), { isDeepStrictEqual } = require('util');
const jwt = require('jsonwebtoken');
const { BREAK } = require('./narrator');
const { Prosody, root } = require('../support/rig/prosody'), { Game } = require('../support/rig/game'), { Client } = require('../support/rig/client');

const DOMAIN = 'meet.example.com';
const EXAMPLE = `prosody-config/${DOMAIN}.cfg.lua`;
const FOCUS = { jid: `focus@auth.${DOMAIN}`, password: 'focus-password' };

// The example, and on top of it what differs on loopback: ports, folders, and a secret of the demo's own.
function configuration(secret, gamePort) {
  const lua = JSON.stringify;
  return (dir, ports) => `
Include ${lua(path.join(root, EXAMPLE))}
plugin_paths = { ${lua(path.join(root, 'mod_skotos_bridge'))}, ${lua(path.join(root, 'spec/support/plugins'))} }
pidfile = ${lua(`${dir}/prosody.pid`)}; data_path = ${lua(`${dir}/data`)}; run_as_root = true
certificates = ${lua(dir)}
log = { info = ${lua(`${dir}/prosody.log`)} }
modules_enabled = { "saslauth", "disco", "websocket", "smacks" }
modules_disabled = { "s2s", "admin_shell" }
interfaces = { "127.0.0.1" }; local_interfaces = { "127.0.0.1" }; http_interfaces = { "127.0.0.1" }
http_default_host = ${lua(DOMAIN)}; consider_websocket_secure = true
c2s_ports = { }; legacy_ssl_ports = { }; s2s_ports = { }; https_ports = { }; http_ports = { ${ports.http} }
VirtualHost ${lua(DOMAIN)}
	app_secret = ${lua(secret)}
	skotos_port = ${gamePort}
	skotos_commands = true
Component "focus.${DOMAIN}" "rig_focus"
`;
}

class Broken extends Error {}

class Stage {
  // Starts the game and Prosody. What was started is in rig/started.js, whatever happens.
  static async raise(narrator) {
    const self = new Stage();
    self.narrator = narrator;
    Object.assign(self, { room: 'tavern', domain: DOMAIN });
    self.people = new Map(); // name -> { name, client, token, claims, own }
    self.secret = crypto.randomBytes(32).toString('hex');
    self.game = await Game.start({ detached: true });
    self.prosody = await Prosody.start({
      version: process.env.SKOTOS_PROSODY, domain: DOMAIN, detached: true, configuration: configuration(self.secret, self.game.port),
    });
    return self;
  }
  get version() { return (/Prosody version (\S+)/.exec(this.prosody.log()) || [])[1]; }

  // One expectation of the story: told when it holds; otherwise the demo ends with what was found.
  async expect(text, holds, found) {
    if (holds) return this.narrator.holds(text);
    throw new Broken(`${text}: that does not hold; found ${typeof found === 'string' ? found : JSON.stringify(found)}`);
  }
  expectEqual(text, wanted, found) { return this.expect(text, isDeepStrictEqual(wanted, found), found); }

  // The game asks for a token for `name`, as it does when that player logs in. Gives { seq, success, token, claims, … }.
  async ask(name, room = this.room) {
    const hex = (text) => Buffer.from(text).toString('hex');
    const [, seq] = (await this.game.command(`login ${hex(name)} ${hex(room)}`)).split(' ');
    await this.game.settled(60);
    const request = (await this.game.sent(seq)).toString('utf8'), result = await this.game.result(seq);
    await this.narrator.tell('game → bridge', request.replace(/\0$/, ' NUL').replace(/, (?=")/g, `, ${BREAK}`), 'cyan');
    if (result.state !== 'reply') throw new Broken(`the game waited for a reply to ${name}'s request, and none came`);
    const { state, id, ms, name: asked, length, order, ...reply } = result; // eslint-disable-line no-unused-vars
    const shown = { ...reply, ...(reply.token && { token: `(${reply.token.length} characters)` }), pad: '…' };
    await this.narrator.tell('bridge → game', [
      JSON.stringify(shown).replace(/,"/g, `,${BREAK}"`), `${length} bytes, in one read, ${ms < 1 ? 'in less than 1 ms' : `after ${ms} ms`}`], 'cyan');
    if (reply.token) this.tokens = [...(this.tokens || []), reply.token];
    return { ...reply, length, claims: reply.token ? jwt.verify(reply.token, this.secret, { algorithms: ['HS256'] }) : null };
  }
  // All claims, or in brief those in which players differ.
  async tellClaims(claims, brief) {
    const at = (t) => new Date(t * 1000).toTimeString().slice(0, 8);
    const user = Object.entries(claims.context.user).map(([k, v]) => `${k} ${v}`);
    await this.narrator.tell("the token's claims", brief ? `moderator ${claims.moderator} · context.user: ${user.join(', ')}` : [
      `iss ${claims.iss} · aud ${claims.aud} · sub ${claims.sub} · room ${claims.room}`,
      `iat ${at(claims.iat)} · nbf ${at(claims.nbf)} · exp ${at(claims.exp)} · moderator ${claims.moderator}`,
      `context.user: ${user.join(', ')}`], 'blue');
  }

  // Logs in over BOSH or WebSocket; with a token, or as focus.
  async connect(name, o) {
    const client = new Client();
    const answer = await client.connect({ port: this.prosody.ports.http, domain: DOMAIN, room: this.room, ...o });
    if (!answer.connected) throw new Broken(`${name} could not log in: ${answer.condition}`);
    return client;
  }
  focus() { return this.connect('focus', { ...FOCUS, room: undefined }); }

  // A real client for `name`, logged in with `token`, joins; who is in the room already hears of it. Gives the person.
  async enter(name, token, transport = 'bosh') {
    const { narrator } = this;
    const client = await this.connect(name, { token, transport });
    await narrator.tell(`${name} → Prosody`, `logs in over ${transport === 'bosh' ? 'BOSH' : 'WebSocket'} with the token, and joins the room ${this.room}`, 'green');
    const own = await client.join({ room: this.room, nick: name });
    await narrator.tell(`room → ${name}`, `first presence of ${name}: affiliation ${own.affiliation}, role ${own.role}`, 'green');
    const person = { name, client, own };
    await Promise.all([...this.people.values()].map((p) => p.client.until((s) => s.from.endsWith(`/${name}`), 60, `${p.name} to hear of ${name}`)));
    this.people.set(name, person);
    return person;
  }
  address() { return `${this.room}@conference.${DOMAIN}`; }
  // The presences of `of` that `who` has seen.
  seen(who, of) { return this.people.get(who).client.presences.filter((p) => p.from === `${this.address()}/${of}`); }

  // The first line of Prosody's log that says `text`, once it does.
  async tellLog(text) {
    const line = () => this.prosody.log().split('\n').find((l) => l.includes(text));
    await this.prosody.until(line, 60, `the log to say "${text}"`);
    await this.narrator.tell("Prosody's log", line().split('\t').slice(2).join(' '), 'dim');
  }
  // Lines of Prosody's log that ask for an administrator.
  complaints() { return this.prosody.log().split('\n').filter((l) => /\t(warn|error)\t/.test(l)); }
}
module.exports = { Stage, Broken, DOMAIN, EXAMPLE };
