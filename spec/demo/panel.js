// make demo KEEP=1: a web site with two players' pages, which have skotos-voice.js in them, and the game master's panel. What the panel
// orders goes the game's way: the stand-in game asks the bridge, and what it is answered goes to the pages.
const fs = require('fs'), path = require('path');
const { Site } = require('../support/web/site');

const EVENTS = ['joined', 'left', 'said', 'hand', 'muted', 'speaking', 'renamed'];
const ROOM = 'inn'; // where nobody of the story is: two are heard, peer to peer
const read = (name) => fs.readFileSync(path.join(__dirname, 'panel', name), 'utf8');

class Panel {
  // Serves the pages for what plays on `stage`; `host` is their address.
  static async open(stage) {
    const self = new Panel();
    Object.assign(self, { stage, rooms: new Set() });
    const { prosody, game } = stage;
    self.site = await Site.start({ port: prosody.ports.http, domain: stage.domain, post: (name, body) => self.asked(name, body) });
    self.host = self.site.host;
    self.site.files.set('/', read('master.html').replaceAll('ROOM', ROOM)).set('/player', read('player.html').replaceAll('DOMAIN', stage.domain));
    await game.ask({ cmd: 'subscribe', events: EVENTS }, 60);
    self.heard = (await game.stats()).events;
    return self;
  }
  asked(name, body) {
    if (name === '/login') return this.login(body.name, body.room);
    if (name === '/events') return this.events();
    return this.command(body);
  }
  // Jicofo opens a room before the first player comes.
  async open(room) {
    if (this.rooms.has(room)) return;
    this.rooms.add(room);
    await this.stage.focusClient.join({ room, nick: 'focus' });
  }
  // SKOOT 80's text for a player who logs in.
  async login(name, room) {
    await this.open(room);
    const reply = await this.stage.game.ask({ login: name, channel: room }, 60);
    return { ...reply, message80: reply.success && this.call(name, room, reply.token) };
  }
  call(name, room, jwt) { return JSON.stringify({ domain: this.host, name, room, jwt }); }
  async command(command) {
    if (command.cmd === 'move') await this.open(command.to);
    const reply = await this.stage.game.ask(command, 60);
    const moved = command.cmd === 'move' && reply.success;
    return { success: reply.success, message: reply.message, message80: moved && this.call(command.id, command.to, reply.token) };
  }
  // What the game has heard since it was last asked.
  async events() {
    const list = await this.stage.game.events(this.heard);
    this.heard += list.length;
    return list.map(({ raw, length, pad, ...event }) => event); // eslint-disable-line no-unused-vars
  }
}
module.exports = { Panel };
