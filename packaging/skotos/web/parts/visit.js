import { client, pause, reachable } from './client.js';

const FADE = 250; // ms from one volume to the next
const NOT_ALLOWED = 'conference.connectionError.notAllowed'; // its text comes second
const ORDERED_OFF = 'xmpp.audio_muted_by_focus'; // with the moderator's address; the game's mute has none
const LONG = 20000; // ms that a join may take, before another is tried
const QUIET = 0.02; // of 1: what is softer is no speech

/**
 * The id in somebody's token, as the server says it (presence's <identity/>): it is the name where there is no such
 * element, and nobody's where it is empty. Clients of before 2022 have no method for it.
 */
const idOf = (who) => {
  const identity = who.getIdentity ? who.getIdentity() : who._identity;
  return identity ? (identity.user || {}).id : who.getDisplayName();
};

/**
 * What Jitsi's client calls a fault → what is done: ask for a new "token", stay "out", else try again; and the
 * words for it.
 */
const FAULTS = {
  'connection.passwordRequired': ['token', 'refused'],
  'conference.connectionError.notAllowed': ['token', 'barred'],
  'conference.authenticationRequired': ['token', 'refused'],
  'conference.connectionError': ['out', 'barred'],
  'conference.connectionError.membersOnly': ['out', 'closed'],
  'conference.connectionError.accessDenied': ['out', 'closed'],
  'conference.passwordRequired': ['out', 'locked'],
  'conference.max_users': ['out', 'full'],
  'conference.destroyed': ['out', 'ended'],
  'skotos.client': ['again', 'client'],
};

/** One stay in one room, over one connection. */
export class Visit {
  constructor(voice, call) {
    Object.assign(this, { voice, call, over: false, people: new Map() });
  }

  get config() {
    const { host, tenant, socket, node } = this.call,
      own = this.voice.options.jitsi || {};
    const sub = tenant ? `${tenant}.` : '',
      domain = (own.hosts && own.hosts.domain) || host;
    return {
      enableWebsocketResume: true,
      channelLastN: 0,
      startAudioOnly: true,
      openBridgeChannel: 'websocket',
      disableFocus: false,
      ...own,
      p2p: { enabled: false, stunServers: [], ...own.p2p },
      hosts: { domain, muc: `conference.${sub}${domain}`, ...own.hosts },
      serviceUrl: `${own.serviceUrl || `${socket}/${tenant ? `${tenant}/` : ''}xmpp-websocket`}?room=${node}`,
    };
  }

  async start() {
    this.hurry = setTimeout(() => this.fail('skotos.slow'), LONG);
    try {
      this.lib = await client(this.call.base);
    } catch (e) {
      this.fail('skotos.client');
      return;
    }
    if (this.over) return;
    const { connection: at } = this.lib.events;
    this.connection = new this.lib.JitsiConnection(null, this.call.jwt, this.config);
    this.on(this.connection, 'addEventListener', {
      [at.CONNECTION_ESTABLISHED]: () => this.connected(), // again when it was resumed
      [at.CONNECTION_FAILED]: (why, text) => this.fail(why, text),
      [at.CONNECTION_DISCONNECTED]: () => this.fail('connection.droppedError'),
      'connection.token_expired': () => this.resume(),
    });
    this.connection.connect({ name: this.call.node });
  }

  /**
   * Listens, until this visit is over. What goes wrong in here does not go on into Jitsi's client, which would hear
   * no more stanzas.
   */
  on(target, add, handlers) {
    for (const [name, run] of Object.entries(handlers)) {
      target[add](name, (...args) => {
        try {
          if (!this.over) run(...args);
        } catch (e) {
          this.voice.fault(e);
        }
      });
    }
  }

  connected() {
    if (!this.conference) this.join();
    else if (this.entered) this.voice.joined(this);
  }

  join() {
    const { voice, call, lib } = this,
      at = lib.events.conference;
    const conference = this.connection.initJitsiConference(call.node, this.config);
    this.conference = conference;
    this.on(conference, 'on', {
      [at.CONFERENCE_JOINED]: () => this.hasEntered(),
      [at.CONFERENCE_FAILED]: (why, ...about) => this.fail(why, about[why === NOT_ALLOWED ? 1 : 0]),
      [at.KICKED]: (by, reason) => voice.out('kicked', { reason }),
      [at.USER_JOINED]: (nick, who) => this.add(nick, idOf(who), who.getDisplayName()),
      [at.USER_LEFT]: (nick) => this.remove(nick),
      [at.DISPLAY_NAME_CHANGED]: (nick, name) => this.change(nick, { name }),
      [at.TRACK_ADDED]: (track) => {
        if (!track.isLocal()) this.hear(track);
      },
      [at.TRACK_REMOVED]: (track) => {
        if (!track.isLocal()) this.change(track.getParticipantId(), { track: null, muted: true });
      },
      [at.TRACK_MUTE_CHANGED]: (track, by) => this.muteChanged(track, by),
      [at.TRACK_AUDIO_LEVEL_CHANGED]: (nick, loud) => this.speaks(nick, loud),
      [at.CONNECTION_INTERRUPTED]: () => voice.lost(),
      [at.CONNECTION_RESTORED]: () => voice.joined(this),
    });
    // The client's own events do not tell the game's mute from one that nobody ordered.
    if (conference.room)
      this.on(conference.room, 'addListener', { [ORDERED_OFF]: (by) => voice.microphone.ordered(by) });
    conference.setDisplayName(call.name);
    voice.microphone.open(lib).then((track) => {
      if (track && !this.over) conference.addTrack(track).catch((e) => voice.fault(e));
    });
    conference.join();
  }

  hasEntered() {
    const { voice, call } = this;
    clearTimeout(this.hurry);
    this.entered = true;
    this.add(this.conference.myUserId(), call.person, call.name, true);
    voice.joined(this);
  }

  add(nick, id, name, me = false) {
    this.people.set(nick, { nick, id: id || '', name, me, muted: !me, speaking: false });
    this.change(nick, {});
  }
  change(nick, what) {
    const person = this.people.get(nick);
    if (!person) return;
    if ('track' in what && person.audio) {
      person.track.detach(person.audio);
      person.audio.remove();
      person.audio = null;
    }
    this.voice.bar.show(Object.assign(person, what));
  }
  remove(nick) {
    this.change(nick, { track: null });
    this.people.delete(nick);
    this.voice.bar.hide(nick);
  }

  hear(track) {
    const person = this.people.get(track.getParticipantId());
    if (track.getType() !== 'audio' || !person) return;
    this.change(person.nick, { track: null });
    const audio = document.createElement('audio');
    audio.autoplay = true;
    this.voice.bar.root.append(audio);
    track.attach(audio);
    this.change(person.nick, { track, muted: track.isMuted() });
    person.audio = audio;
    this.loudness(person, true);
    this.play(audio);
  }
  play(audio) {
    Promise.resolve(audio.play()).catch((e) => {
      if (e.name === 'NotAllowedError') this.voice.bar.blocked(true);
    });
  }
  /** Plays what the browser held back; for a click. */
  replay() {
    for (const { audio } of this.people.values()) if (audio) this.play(audio);
  }

  /** How loud a person is to be heard now, and smoothly so. */
  loudness(person, at_once = false) {
    const { audio } = person,
      to = this.voice.loudnessOf(person.id);
    if (!audio) return;
    clearInterval(audio.fading);
    const from = audio.volume,
      begun = performance.now();
    const step = () => {
      const part = at_once || document.hidden ? 1 : Math.min(1, (performance.now() - begun) / FADE);
      audio.volume = part === 1 ? to : from + (to - from) * part;
      audio.muted = to === 0 && part === 1;
      if (part === 1) clearInterval(audio.fading);
    };
    audio.fading = setInterval(step, 25);
    step();
  }
  volumesChanged() {
    for (const person of this.people.values()) this.loudness(person);
  }

  muteChanged(track, by) {
    const nick = track.isLocal() ? this.conference.myUserId() : track.getParticipantId();
    if (track.getType() !== 'audio') return;
    if (track.isLocal()) this.voice.microphone.changed(by && by.getDisplayName());
    this.change(nick, { muted: track.isMuted() });
  }
  speaks(nick, loud) {
    const person = this.people.get(nick);
    if (!person || loud < QUIET) return;
    clearTimeout(person.quiet);
    person.quiet = setTimeout(() => this.change(nick, { speaking: false }), 700);
    if (!person.speaking) this.change(nick, { speaking: true });
  }

  /**
   * The client has given up resuming, since the token's time is over: lets it go on with a new one, or with the old one,
   * once the host can be reached. Whether that brings the session back, or not, the client tells by its other events.
   */
  async resume() {
    const { voice } = this;
    if (this.resuming) return;
    this.resuming = true;
    voice.lost();
    await Promise.race([voice.ask('expired'), pause(voice.options.wantToken ? 5000 : 0)]);
    await reachable(this.config.serviceUrl, () => this.over);
    this.resuming = false;
    if (this.over) return;
    this.connection.refreshToken(voice.call.jwt).catch((e) => {
      if (!this.over) voice.fault(e);
    });
  }

  fail(why, text) {
    if (!this.over)
      this.voice.failed(this, ...(FAULTS[why] || ['again', 'lost']), typeof text === 'string' ? text : '');
  }

  /** Ends the visit, whatever state it is in; the microphone stays the page's. */
  async end() {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.hurry);
    for (const nick of [...this.people.keys()]) this.remove(nick);
    await null; // out of the client's own event: after a kick it leaves by itself, and not a second time
    try {
      if (this.conference) await this.conference.leave();
    } catch (e) {
      /* it was not in */
    }
    try {
      if (this.connection) await this.connection.disconnect();
    } catch (e) {
      /* nor connected */
    }
  }
}
