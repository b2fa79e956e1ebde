// What a videobridge does when it is asked to hold somebody (jitsi-videobridge's Colibri2ConferenceHandler.kt): says so, or that it does not
// have that endpoint; it throws at whoever asks from outside its brewery.
const { $iq } = require('strophe.js');

const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

class Bridge {
  // `client` is in the room `brewery`. `endpoints`: those that it has; `manner`: "answer", "refuse" or "ignore".
  constructor(client, { brewery, endpoints, manner }) {
    Object.assign(this, { client, brewery, endpoints, manner: manner || 'answer', asked: [], counting: [] });
    client.connection.addHandler((iq) => { this.asks(iq); return true; }, 'jitsi:colibri2', 'iq', 'get');
  }
  asks(iq) {
    const one = (name) => iq.getElementsByTagName(name)[0], from = iq.getAttribute('from'), endpoint = one('endpoint').getAttribute('id');
    const mute = one('force-mute');
    this.asked.push({ meeting: one('conference-modify').getAttribute('meeting-id'), endpoint, audio: mute.getAttribute('audio'), video: mute.getAttribute('video') });
    if (!from.startsWith(`${this.brewery}/`) && !from.startsWith('focus@')) throw new Error(`${from} asks`);
    const reply = { to: from, id: iq.getAttribute('id') }, send = (el) => this.client.connection.send(el.tree());
    const error = (condition) => send($iq({ ...reply, type: 'error' }).c('error', { type: 'cancel' }).c(condition, { xmlns: STANZAS }));
    if (this.manner === 'refuse') error('internal-server-error');
    else if (this.manner === 'answer' && !this.endpoints.includes(endpoint)) error('item-not-found');
    else if (this.manner === 'answer') send($iq({ ...reply, type: 'result' }).c('conference-modified', { xmlns: 'jitsi:colibri2' }));
    this.counting = this.counting.filter((c) => !c());
  }
  // What it was asked for that meeting, or in all.
  of(meeting) { return this.asked.filter((a) => !meeting || a.meeting === meeting); }
  // Until it has been asked that `count` times.
  reach(count, seconds, meeting) {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`waited ${seconds} s for ${count} questions, ${this.of(meeting).length} came`)), seconds * 1000);
      const there = () => this.of(meeting).length >= count && (clearTimeout(timer), done(), true);
      if (!there()) this.counting.push(there);
    });
  }
}
module.exports = { Bridge };
