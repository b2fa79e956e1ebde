// A player's XMPP over WebSocket (RFC 7395), as little of it as logging in and joining takes, so that hundreds fit into one process that
// hardly costs anything: stanzas are counted, not parsed.
const net = require('net');

const FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing';

class Client {
  // `host`: the server's address.
  constructor(host = '127.0.0.1') { this.host = host; this.rest = Buffer.alloc(0); this.waiting = null; this.role = null; }

  // Logs in with `token`.
  async login(port, token, room) {
    this.socket = net.connect(port, this.host).setNoDelay(true);
    this.socket.on('error', (error) => this.fail(error));
    this.socket.on('close', () => this.fail(new Error('the server closed a connection')));
    this.socket.write(`GET /xmpp-websocket?token=${token}&room=${room} HTTP/1.1\r\nHost: ${this.host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
      + 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n');
    await this.upgraded();
    this.socket.on('data', (data) => this.receive(data));
    const open = `<open xmlns="${FRAMING}" to="meet.test" version="1.0"/>`;
    await this.exchange(open, 'mechanisms');
    await this.exchange('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>', '<success');
    await this.exchange(open, 'xmpp-bind');
    const bound = await this.exchange('<iq xmlns="jabber:client" type="set" id="bind"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>', '<jid>');
    [, this.jid] = bound.match(/<jid>([^<]*)</);
  }

  upgraded() {
    return new Promise((done, fail) => {
      this.waiting = { fail };
      this.socket.once('data', (data) => {
        if (!data.toString('latin1').startsWith('HTTP/1.1 101')) return fail(new Error(`no WebSocket: ${data.toString('latin1', 0, 60)}`));
        return done();
      });
    });
  }

  // Sends a stanza and waits for one that holds `wanted`.
  exchange(stanza, wanted) {
    return new Promise((done, fail) => { this.waiting = { wanted, done, fail }; this.send(stanza); });
  }

  fail(error) {
    this.failed = this.failed || error;
    if (this.waiting && this.waiting.fail) this.waiting.fail(error);
    this.waiting = null;
  }

  // One masked text frame (RFC 6455 section 5.2); a mask of zeros is a mask.
  send(text) {
    const body = Buffer.from(text);
    const head = body.length < 126 ? Buffer.from([0x81, 0x80 | body.length, 0, 0, 0, 0])
      : Buffer.from([0x81, 0x80 | 126, body.length >> 8, body.length & 255, 0, 0, 0, 0]);
    this.socket.write(Buffer.concat([head, body]));
  }

  receive(data) {
    let bytes = this.rest.length ? Buffer.concat([this.rest, data]) : data, at = 0;
    while (bytes.length - at >= 2) {
      let length = bytes[at + 1] & 127, head = 2;
      if (length === 126) { if (bytes.length - at < 4) break; length = bytes.readUInt16BE(at + 2); head = 4; }
      if (length === 127) { if (bytes.length - at < 10) break; length = Number(bytes.readBigUInt64BE(at + 2)); head = 10; }
      if (bytes.length - at < head + length) break;
      this.stanza(bytes.subarray(at + head, at + head + length));
      at += head + length;
    }
    this.rest = bytes.subarray(at);
  }

  stanza(bytes) {
    if (bytes.latin1Slice(0, 9) === '<presence') {
      if (this.joining) this.look(bytes.latin1Slice(0, bytes.length));
      if (this.counting) this.counting(bytes);
      return;
    }
    if (bytes.latin1Slice(0, 8) === '<message') {
      if (this.hearing && /groupchat/.test(bytes.latin1Slice(0, 300))) this.hearing(bytes);
      return;
    }
    const wait = this.waiting;
    if (!wait) return;
    const text = bytes.toString('utf8');
    if (text.includes('<failure') || text.includes('type=\'error\'') || text.includes('type="error"')) this.fail(new Error(text));
    else if (wait.wanted && text.includes(wait.wanted)) { this.waiting = null; wait.done(text); }
  }

  // What a presence tells of the own join: the role, when it is the own one (XEP-0045, status 110).
  look(text) {
    if (/type=.error/.test(text)) throw new Error(text);
    if (!/code=.110/.test(text)) return;
    this.joining = false;
    [, this.role] = text.match(/role=.(\w+)/);
  }

  // With what a Jitsi page says in its first presence, its name among it: here the nickname, which is the token's name.
  join(room, nick) {
    this.joining = true;
    this.send(`<presence xmlns="jabber:client" to="${room}@conference.meet.test/${nick}"><x xmlns="http://jabber.org/protocol/muc"/>`
      + '<stats-id>Ada-x7Q</stats-id><c xmlns="http://jabber.org/protocol/caps" hash="sha-1" node="https://jitsi.org/jitsi-meet" ver="pTdYbmJcEzXdE2dxTnv5xUbWGxQ="/>'
      + `<SourceInfo>{}</SourceInfo><nick xmlns="http://jabber.org/protocol/nick">${nick}</nick></presence>`);
  }

  // A later presence, with the elements `xml`.
  update(room, nick, xml) {
    this.send(`<presence xmlns="jabber:client" to="${room}@conference.meet.test/${nick}"><stats-id>Ada-x7Q</stats-id>`
      + `<nick xmlns="http://jabber.org/protocol/nick">${nick}</nick>${xml}</presence>`);
  }

  chat(room, text) { this.send(`<message xmlns="jabber:client" type="groupchat" to="${room}@conference.meet.test"><body>${text}</body></message>`); }

  // What the client that becomes the dominant speaker says.
  speak(room) {
    this.send('<message xmlns="jabber:client" to="speakerstats.meet.test">'
      + `<speakerstats xmlns="http://jitsi.org/jitmeet" room="${room}@conference.meet.test" silence="false"/></message>`);
  }

  leave(room, nick) { this.send(`<presence xmlns="jabber:client" to="${room}@conference.meet.test/${nick}" type="unavailable"/>`); }

  // Gives an affiliation in the room to the bare JID of `jid` (XEP-0045, section 10).
  give(room, jid, affiliation) {
    this.send(`<iq xmlns="jabber:client" type="set" id="give" to="${room}@conference.meet.test"><query xmlns="http://jabber.org/protocol/muc#admin">`
      + `<item jid="${jid.replace(/\/.*/, '')}" affiliation="${affiliation}"/></query></iq>`);
  }

  close() { this.socket.removeAllListeners('close'); this.socket.destroy(); }
}
module.exports = { Client };
