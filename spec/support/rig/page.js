// What a Jitsi page does in a room beyond being there (lib-jitsi-meet: ChatRoom.ts, strophe.emuc.ts): says in its presence which of its
// sources are muted, and obeys a mute IQ, if it comes from the focus, without answering it.
const { $pres, $iq } = require('strophe.js');

const spaces = Object.fromEntries(['audio', 'video', 'desktop'].map((media) => [`http://jitsi.org/jitmeet/${media}`, media]));

class Page {
  constructor(client) {
    this.client = client;
    this.mutes = []; // { media, from, actor } of each mute IQ
    this.manner = 'none';
    this.counting = [];
    for (const xmlns of Object.keys(spaces)) client.connection.addHandler((iq) => { this.muted(iq, spaces[xmlns]); return true; }, xmlns, 'iq', 'set');
  }
  // `manner`: "obey" as a page does, "answer" or "refuse" the IQ, "ignore" it; "none" is no page at all and names no sources.
  joins(to, o) {
    this.to = to; this.name = o.name || o.nick; this.manner = o.manner || 'none'; this.extra = o.extra; // XML of its own for each presence
    this.sources = { audio: false, video: false, ...(o.muted || {}) }; // medium -> muted or not; a screen, only while it is shared
    this.send(true);
  }
  send(first, sources) {
    const p = $pres({ to: this.to });
    if (first) p.c('x', { xmlns: 'http://jabber.org/protocol/muc' }).up();
    p.c('nick', { xmlns: 'http://jabber.org/protocol/nick' }).t(this.name).up();
    if (this.manner !== 'none') {
      const { audio, video, desktop } = this.sources, screen = desktop === undefined ? {} : { 'abcd-v1': { muted: desktop, videoType: 'desktop' } };
      p.c('SourceInfo').t(sources || JSON.stringify({ 'abcd-a0': { muted: audio }, 'abcd-v0': { muted: video, videoType: 'camera' }, ...screen })).up();
    }
    const tree = p.tree();
    if (this.extra) tree.appendChild(new DOMParser().parseFromString(this.extra, 'text/xml').documentElement);
    this.client.connection.send(tree);
  }
  // The person turns a source on or off.
  turn(media, muted) { this.sources[media] = muted; this.send(); }
  // Until `count` mute IQs have come.
  reach(count, seconds) {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`waited ${seconds} s for ${count} mute IQs, ${this.mutes.length} came`)), seconds * 1000);
      const there = () => this.mutes.length >= count && (clearTimeout(timer), done(), true);
      if (!there()) this.counting.push(there);
    });
  }
  muted(iq, media) {
    const mute = iq.getElementsByTagName('mute')[0], from = iq.getAttribute('from');
    this.mutes.push({ media, from, actor: mute.getAttribute('actor') || undefined, text: mute.textContent });
    if (this.manner === 'obey' && from.endsWith('/focus') && mute.textContent === 'true') this.turn(media, true);
    this.counting = this.counting.filter((c) => !c());
    const reply = { to: from, id: iq.getAttribute('id') };
    if (this.manner === 'answer') this.client.connection.send($iq({ ...reply, type: 'result' }).tree());
    if (this.manner === 'refuse') {
      this.client.connection.send($iq({ ...reply, type: 'error' }).c('error', { type: 'cancel' }).c('not-allowed', { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' }).tree());
    }
  }
}
module.exports = { Page };
