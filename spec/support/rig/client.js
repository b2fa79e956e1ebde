// Real clients: strophe.js over BOSH or WebSocket.
const { DOMParser, XMLSerializer, DOMImplementation } = require('@xmldom/xmldom');
Object.assign(global, { DOMParser, XMLSerializer, XMLHttpRequest: require('xhr2'), WebSocket: require('ws') });
global.crypto = global.crypto || require('crypto').webcrypto; // Debian 12's Node 18 has it, but not as a global
global.document = global.document || { implementation: new DOMImplementation() };
// strophe.js asks parsed documents for one element by its name, which xmldom does not offer.
const someDocument = new DOMParser().parseFromString('<a/>', 'text/xml');
for (const node of [someDocument, someDocument.documentElement]) {
  Object.getPrototypeOf(node).querySelector = function querySelector(name) { return this.getElementsByTagName(name)[0] || null; };
}
const { Strophe, $pres, $iq, $msg } = require('strophe.js');
const { Page } = require('./page');

const names = Object.fromEntries(Object.entries(Strophe.Status).map(([k, v]) => [v, k]));
const text = (el) => (el ? el.textContent : null);
const children = (el, name) => Array.from(el.getElementsByTagName(name));

// A message as lib-jitsi-meet's ChatRoom.onMessage takes it.
const chatOf = (m) => {
  const name = children(m, 'display-name')[0], invite = children(m, 'invite')[0];
  return { from: m.getAttribute('from'), type: m.getAttribute('type'), body: text(children(m, 'body')[0]), name: text(name), invite: invite ? true : undefined, source: name && name.getAttribute('source') };
};

// strophe.js looks at what is to be sent every 100 ms; here it does so as soon as something is.
function sendAtOnce(connection) {
  for (const method of ['_send', '_sendRestart']) {
    const protocol = connection._proto, original = protocol[method].bind(protocol);
    protocol[method] = () => { original(); setImmediate(() => connection.flush()); };
  }
}

class Client {
  // Logs in to `domain`; gives { connected, condition }.
  connect(o) {
    this.domain = o.domain || 'meet.test';
    const query = new URLSearchParams(Object.fromEntries(['token', 'room', 'previd'].filter((k) => o[k]).map((k) => [k, o[k]])));
    const [scheme, path] = o.transport === 'websocket' ? ['ws', 'xmpp-websocket'] : ['http', 'http-bind'];
    this.connection = new Strophe.Connection(`${scheme}://${o.host || '127.0.0.1'}:${o.port}/${path}?${query}`);
    sendAtOnce(this.connection);
    this.presences = []; this.messages = []; this.waiting = []; this.hearing = [];
    this.connection.addHandler((p) => { this.presence(p); return true; }, null, 'presence');
    this.chat = []; this.page = new Page(this);
    this.connection.addHandler((m) => { this.messages.push(m.textContent); this.chat.push(chatOf(m)); this.hearing = this.hearing.filter((h) => !h()); return true; }, null, 'message');
    return new Promise((done) => {
      let failure = null;
      this.connection.connect(o.jid || this.domain, o.password || null, (status, condition) => {
        const name = names[status];
        if (name === 'CONNECTED') done({ connected: true, jid: this.connection.jid });
        if (['AUTHFAIL', 'CONNFAIL', 'ERROR'].includes(name)) failure = condition || name;
        if (failure || name === 'DISCONNECTED') done({ connected: false, condition: failure || 'disconnected' });
      });
    });
  }
  presence(p) {
    const item = children(p, 'item')[0], error = children(p, 'error')[0];
    const seen = {
      from: p.getAttribute('from'), type: p.getAttribute('type') || 'available',
      affiliation: item && item.getAttribute('affiliation'), role: item && item.getAttribute('role'),
      codes: children(p, 'status').map((s) => s.getAttribute('code')).filter(Boolean),
      condition: error && Array.from(error.childNodes).map((c) => c.nodeName)[0],
      error_type: error && error.getAttribute('type'), error_text: error && text(children(error, 'text')[0]),
      reason: text(children(p, 'reason')[0]), destroyed: children(p, 'destroy').length > 0, sources: text(children(p, 'SourceInfo')[0]),
      permissions: children(p, 'permissions').length > 0,
      identities: children(p, 'identity').map((e) => ({ id: text(children(e, 'id')[0]) || undefined, name: text(children(e, 'name')[0]) || undefined })),
      names: children(p, 'nick').map(text), stats: text(children(p, 'stats-id')[0]), status: text(children(p, 'status')[0]),
      of_jitsi: ['jibri-recording-status', 'jibri-sip-call-state', 'transcription-status'].filter((name) => children(p, name).length),
    };
    this.presences.push(seen);
    this.waiting = this.waiting.filter((w) => !w(seen));
  }
  // Joins; gives its own first presence, or the error's.
  join(o) {
    const to = `${this.room(o)}/${o.nick}`;
    const own = new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`no presence of ${to} within 60 s`)), 60000);
      this.waiting.push((p) => {
        if (p.from !== to && !(p.type === 'error' && p.from.startsWith(this.room(o)))) return false;
        clearTimeout(timer); done(p); return true;
      });
    });
    this.page.joins(to, o);
    return own;
  }
  // `o.room`: a channel, or the JID of a room on another MUC.
  room(o) { return o.room.includes('@') ? o.room : `${o.room}@conference.${this.domain}`; }
  // Any stanza, as text.
  stanza(o) { this.connection.send(new DOMParser().parseFromString(o.xml, 'text/xml').documentElement); }
  leave(o) { this.connection.send($pres({ to: `${this.room(o)}/${o.nick}`, type: 'unavailable' }).tree()); }
  iq(o) {
    return new Promise((done) => {
      const el = $iq({ type: o.type || 'set', to: o.to }).c('query', { xmlns: o.xmlns });
      if (o.item) el.c('item', o.item);
      this.connection.sendIQ(el.tree(), (r) => done({ type: r.getAttribute('type'), items: children(r, 'item').length, jids: children(r, 'item').map((i) => i.getAttribute('jid')) }),
        (e) => done({ type: 'error', condition: e ? children(e, 'error').map((x) => Array.from(x.childNodes).map((c) => c.nodeName)[0])[0] : 'timeout' }), 60000);
    });
  }
  say(o) { this.connection.send($msg({ to: this.room(o), type: 'groupchat' }).c('body').t(o.text).tree()); }
  until(test, seconds, what) {
    if (this.presences.some(test)) return this.presences.find(test);
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`waited ${seconds} s for ${what}`)), seconds * 1000);
      this.waiting.push((p) => (test(p) ? (clearTimeout(timer), done(p), true) : false));
    });
  }
  // Until a message holds `text`; whatever the room had sent before it has come by then.
  heard(text, seconds) {
    const found = () => this.messages.some((m) => m.includes(text));
    if (found()) return undefined;
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`waited ${seconds} s to hear "${text}"`)), seconds * 1000);
      this.hearing.push(() => found() && (clearTimeout(timer), done(), true));
    });
  }
  // Keeps all that comes, as text, from now on.
  record() {
    this.raw = ''; this.coming = [];
    this.connection.xmlInput = (el) => {
      this.raw += new XMLSerializer().serializeToString(el);
      this.coming = this.coming.filter((c) => !c());
    };
  }
  // Until what has come since record() holds `wanted`; gives all of it.
  comes(wanted, seconds) {
    const there = () => this.raw.includes(wanted);
    if (there()) return this.raw;
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`waited ${seconds} s for "${wanted}"; what came ends: ${this.raw.slice(-2000)}`)), seconds * 1000);
      this.coming.push(() => there() && (clearTimeout(timer), done(this.raw), true));
    });
  }
  // Until an invitation comes from the room `from`.
  invited(from, seconds) {
    const found = () => this.chat.some((m) => m.from === from && m.invite);
    if (found()) return undefined;
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`waited ${seconds} s for an invitation from ${from}`)), seconds * 1000);
      this.hearing.push(() => found() && (clearTimeout(timer), done(), true));
    });
  }
  disconnect() { this.connection.disconnect('done'); }
}
module.exports = { Client };
