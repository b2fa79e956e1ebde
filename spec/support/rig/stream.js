// A bare stream over WebSocket, as a page's is that has its connection resumed (XEP-0198, which strophe.js leaves to a plugin).
const { stream } = require('../chromium/scenario').scenario({ WebSocket: require('ws') });

const attribute = (xml, name) => (new RegExp(`<[^>]*\\s${name}=['"]([^'"]*)`).exec(xml) || [])[1];

class Stream {
  // Logs in; `o` as scenario.js's. Gives { allowed }.
  async connect(o) {
    Object.assign(this, await stream({ transport: 'websocket', ...o }));
    return { allowed: this.allowed };
  }
  async bind() {
    const answer = await this.ask("<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", /<iq/);
    return { jid: (/<jid>([^<]+)/.exec(answer) || [])[1] };
  }
  // Gives { previd }, by which another stream resumes this one's session.
  async enable() { return { previd: attribute(await this.ask("<enable xmlns='urn:xmpp:sm:3' resume='true'/>", /<enabled/), 'id') }; }
  // Gives { type, affiliation, role } of the own presence, or of the error's.
  async join(o) {
    const own = await this.ask(this.presence(o, "><x xmlns='http://jabber.org/protocol/muc'/></presence>"),
      /<presence(?=.*(code=['"]110|type=['"]error))(?!.*type=['"]unavailable)/s);
    const type = /type=['"]error/.test(own) ? 'error' : 'available';
    return { type, affiliation: (/affiliation=['"](\w+)/.exec(own) || [])[1], role: (/role=['"](\w+)/.exec(own) || [])[1] };
  }
  leave(o) { return this.ask(this.presence(o, " type='unavailable'/>"), /<presence(?=.*code=['"]110)(?=.*type=['"]unavailable)/s); }
  presence(o, rest) { return `<presence xmlns='jabber:client' to='${o.room}@conference.meet.test/${o.nick}'${rest}`; }
  cut() { this.socket.terminate(); return this.gone; }
  // Gives { resumed }.
  async resume(o) {
    const answer = await this.ask(`<resume xmlns='urn:xmpp:sm:3' previd='${o.previd}' h='0'/>`, /<resumed|<failed/);
    return { resumed: /<resumed/.test(answer) };
  }
}
module.exports = { Stream };
