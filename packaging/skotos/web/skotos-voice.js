/*
 * skotos-voice.js: the voices of a Jitsi room in a game's own page. README.md beside this file tells how to use it.
 *
 *     const voice = SkotosVoice.start({ hosts: ['meet.example.com'] });
 *     voice.handle(text);            // what the game sends: SKOOT 80's text, or a message of volumes
 *
 * Loads the client of the host that the message names, and nothing else; joins with the microphone, never with a
 * camera.
 */
import { Bar } from './parts/bar.js';
import { callOf, isLevel, read, wanted } from './parts/call.js';
import { Microphone } from './parts/microphone.js';
import { TalkKey } from './parts/talk_key.js';
import { Visit } from './parts/visit.js';

const PATIENCE = 30000; // ms that the game has to send a new token
const LONGEST = 30000; // ms between two tries to connect
const STORE = 'skotos-voice';

/**
 * @typedef {Object} Options
 * @property {string[]=} hosts the Jitsi hosts that a message may name ("meet.example.com", with ":port" if it has
 *   one); any without it
 * @property {HTMLElement=} parent where the bar goes, at the end; the page's body without it
 * @property {'voice'|'page'=} mode voices in the bar, or Jitsi's own page in a frame below it
 * @property {function({room: string, reason: 'refused'|'expired'}): *=} wantToken has the game send a new message;
 *   may give it itself
 * @property {function({state: string, room: string})=} onState hears of each state: "off", "joining", "in", "lost",
 *   "out"
 * @property {function(string)=} onFault hears of what the page's programmer should know; the console does without it
 * @property {Object<string, string>=} words texts in place of those in parts/words.js
 * @property {Object=} jitsi what the host's config.js differs in: hosts, serviceUrl, p2p, …
 */

/** The voice of one player in one page. */
export class Voice {
  /** @param {Options=} options */
  constructor(options = {}) {
    Object.assign(this, {
      options,
      call: null,
      visit: null,
      active: false,
      state: 'off',
      refusals: 0,
      tries: 0,
      others: 1,
      game: new Map(),
    });
    this.settings = { push: false, key: '', deaf: false, own: {}, ...this.stored() };
    this.bar = new Bar(this, options.parent || document.body, new URL('skotos-voice.css', import.meta.url).href);
    this.microphone = new Microphone(this);
    this.talkKey = new TalkKey(this);
    this.tab = Math.random().toString(36);
    this.tabs = typeof BroadcastChannel === 'function' ? new BroadcastChannel(STORE) : { postMessage() {}, close() {} };
    this.tabs.onmessage = ({ data }) => this.anotherTab(data);
    this.online = () => {
      if (this.retry) this.enter(this.call);
    };
    window.addEventListener('online', this.online);
    this.bar.settings();
    this.bar.tell('off');
  }

  /**
   * Takes a message of the game's, as text or as an object. { domain, room, name, jwt } is a call to a room: the
   * first joins, the next moves there, and one for the room that one is in only brings a newer token. { volumes }
   * says how loud people are to be heard.
   * @returns {boolean} whether it was understood; why not goes to onFault
   */
  handle(message) {
    try {
      const said = read(message);
      if (said.volumes) this.volumes(said.volumes);
      if (typeof said.deaf === 'boolean') this.deafen(said.deaf);
      if (said.muted === 'muted' || said.muted === 'unmuted') this.mute(said.muted === 'muted');
      if (said.domain !== undefined || said.jwt !== undefined) this.called(callOf(said, this.options.hosts));
      return true;
    } catch (e) {
      this.fault(e);
      return false;
    }
  }

  /**
   * Sets how loud people are heard, from 0 to 1, by the id in their token; who is not named stays as he is. "*" goes
   * for all others, and forgets who was named before.
   * @param {Object<string, number>} volumes
   */
  volumes(volumes) {
    const wrong = Object.entries(volumes).find(([, v]) => !isLevel(v));
    if (wrong) throw wanted(`volumes.${wrong[0]}`, wrong[1], 'a number from 0 to 1');
    const { '*': others, ...named } = volumes;
    if (others !== undefined) {
      this.others = others;
      this.game.clear();
    }
    for (const [id, volume] of Object.entries(named)) this.game.set(id, volume);
    this.louder();
  }

  /** Has the player hear nobody, by the game's wish; what the player himself has chosen is kept beside it. */
  deafen(is) {
    this.deafened = is;
    this.louder();
  }

  /** Turns the microphone off or on, as the player does by its button. */
  mute(is) {
    this.microphone.mute(is);
  }

  /** Leaves, until join() or the button. */
  leave() {
    this.close('off', 'left');
    this.away = true;
  }

  /** Joins the room that the game called to last. */
  join() {
    this.away = false;
    this.refusals = 0;
    if (this.call && !this.active) this.enter(this.call);
  }

  /** Leaves, and takes the bar and all listeners away. */
  stop() {
    this.leave();
    this.tabs.close();
    this.talkKey.stop();
    window.removeEventListener('online', this.online);
    this.bar.stop();
  }

  // What follows is for the parts.

  called(call) {
    const { call: before, answer } = this;
    this.call = call;
    if (answer) answer(true);
    else this.refusals = 0;
    if (this.away) {
      this.tell('left');
      return;
    }
    if (this.visit && ['base', 'tenant', 'node', 'person'].every((k) => before[k] === call[k])) return;
    this.enter(call);
  }
  async enter(call) {
    this.drop();
    Object.assign(this, { call, active: true, retry: null });
    this.become('joining');
    this.tell(this.tries ? 'lost' : 'joining');
    this.tabs.postMessage({ tab: this.tab, host: call.base, person: call.person });
    const visit = await this.visitOf(call);
    if (this.call !== call || !this.active || this.visit) return; // left, or called elsewhere meanwhile
    this.visit = visit;
    visit.start();
  }
  async visitOf(call) {
    if (this.options.mode !== 'page') return new Visit(this, call);
    const { PageVisit } = await import('./parts/page.js');
    return new PageVisit(this, call);
  }
  /** Ends the visit and whatever is waited for. */
  drop() {
    clearTimeout(this.retry);
    if (this.answer) this.answer(false);
    const { visit } = this;
    this.visit = null;
    if (visit) visit.end();
  }
  close(state, key, values) {
    this.drop();
    this.active = false;
    this.tries = 0;
    this.become(state);
    if (this.call) this.tell(key, values);
  }
  joined(visit) {
    if (visit !== this.visit) return;
    this.refusals = 0;
    this.tries = 0;
    this.become('in');
    this.tell('in');
  }
  lost() {
    this.become('lost');
    this.tell('lost');
  }
  out(key, values) {
    this.close('out', key, values);
  }
  failed(visit, what, key, reason) {
    if (visit !== this.visit) return;
    if (what === 'out') this.out(key, { reason });
    else if (what === 'token') this.refused(key, reason);
    else this.again(key);
  }
  /** Tries once more after a while, or when the network is back. */
  again(key) {
    this.drop();
    this.become('lost');
    this.tell(key);
    const wait = Math.min(LONGEST, 500 * 2 ** this.tries);
    this.tries += 1;
    this.retry = setTimeout(() => this.enter(this.call), wait * (0.75 + Math.random() / 2));
  }
  async refused(key, reason) {
    this.drop();
    this.refusals += 1;
    if (this.refusals <= 2 && this.options.wantToken) {
      this.become('joining');
      this.tell('asking');
      if ((await this.ask('refused')) || !this.active || this.visit) return;
    }
    this.out(key, { reason });
  }
  /** Asks the game for a new token; gives whether one came. */
  ask(reason) {
    const { wantToken } = this.options;
    if (!wantToken) return Promise.resolve(false);
    return new Promise((done) => {
      const answer = (came) => {
        if (this.answer === answer) this.answer = null;
        clearTimeout(timer);
        done(came);
      };
      const timer = setTimeout(answer, PATIENCE, false);
      if (this.answer) this.answer(false);
      this.answer = answer;
      Promise.resolve({ room: this.call.room, reason })
        .then(wantToken)
        .then((message) => {
          if (message && this.answer === answer) this.handle(message);
        })
        .catch((e) => {
          this.fault(e);
          answer(false);
        });
    });
  }
  /** The same person has joined in another tab: there can be but one microphone and one pair of ears. */
  anotherTab({ tab, host, person } = {}) {
    if (tab === this.tab || !this.active || !person || host !== this.call.base || person !== this.call.person) return;
    this.out('elsewhere');
  }

  loudnessOf(id) {
    if (this.deafened || this.settings.deaf) return 0;
    return (this.game.has(id) ? this.game.get(id) : this.others) * this.ownVolume(id);
  }
  louder() {
    if (this.visit) this.visit.volumesChanged();
  }
  ownVolume(id) {
    const { own } = this.settings;
    return id && Object.hasOwn(own, id) && isLevel(own[id]) ? own[id] : 1;
  }
  setOwnVolume(id, volume) {
    const { [id]: before, ...own } = this.settings.own;
    // The last 200 people are remembered.
    this.set({ own: Object.fromEntries([...Object.entries(own).slice(-199), [id, volume]]) });
  }

  /** Changes settings, which this browser remembers. */
  set(changed) {
    Object.assign(this.settings, changed);
    try {
      localStorage.setItem(STORE, JSON.stringify(this.settings));
    } catch (e) {
      /* only for this visit, then */
    }
    this.bar.settings();
    this.microphone.apply();
    this.louder();
  }
  stored() {
    try {
      const { push, key, deaf, own } = JSON.parse(localStorage.getItem(STORE)) || {};
      return {
        push: push === true,
        key: typeof key === 'string' ? key : '',
        deaf: deaf === true,
        own: own && typeof own === 'object' ? own : {},
      };
    } catch (e) {
      return {};
    }
  }

  become(state) {
    this.state = state;
    try {
      if (this.options.onState) this.options.onState({ state, room: this.call ? this.call.room : '' });
    } catch (e) {
      this.fault(e);
    }
  }
  tell(key, values) {
    this.bar.tell(key, { room: this.call ? this.call.room : '', ...values });
  }
  note(key, values) {
    this.bar.note(key, values);
  }
  fault(e) {
    (this.options.onFault || ((text) => console.warn(`skotos-voice: ${text}`)))(String((e && e.message) || e));
  }
}

/** @param {Options=} options @returns {Voice} */
export const start = (options) => new Voice(options);

window.SkotosVoice = { start };
