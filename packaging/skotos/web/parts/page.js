import { load } from './client.js';

/** Jitsi's own words for what has gone wrong in its page → ours. */
const FAULTS = {
  'connection.passwordRequired': ['token', 'refused'],
  'conference.connectionError.notAllowed': ['token', 'barred'],
  'conference.authenticationRequired': ['token', 'refused'],
  'conference.destroyed': ['out', 'ended'],
  'conference.max_users': ['out', 'full'],
};

/**
 * One stay in one room in Jitsi's own page, in a frame below the bar, by Jitsi's IFrame API. Names and events are those of
 * that API. It has the same methods as Visit, but that the page itself shows who is there and holds the microphone.
 */
export class PageVisit {
  constructor(voice, call) {
    Object.assign(this, { voice, call, over: false, people: new Map() });
  }

  async start() {
    const { voice, call } = this;
    try {
      if (!window.JitsiMeetExternalAPI) await load(`${call.base}/external_api.js`);
      if (this.over) return;
      this.frame = document.createElement('div');
      this.frame.className = 'skotos-voice-page';
      voice.bar.element.after(this.frame);
      this.api = new window.JitsiMeetExternalAPI(call.base.replace(/^https?:\/\//, '') + (call.tenant && `/${call.tenant}`), {
        roomName: call.room,
        jwt: call.jwt,
        parentNode: this.frame,
        userInfo: { displayName: call.name },
        configOverwrite: {
          startWithVideoMuted: true,
          startWithAudioMuted: !voice.microphone.on,
          prejoinConfig: { enabled: false },
          ...(voice.options.jitsi || {}).configOverwrite,
        },
      });
    } catch (e) {
      this.fail('skotos.client');
      return;
    }
    this.listen();
  }

  listen() {
    const { voice } = this;
    const handlers = {
      videoConferenceJoined: ({ id }) => {
        this.me = id;
        this.muted = !voice.microphone.on;
        voice.joined(this);
      },
      participantJoined: ({ id, displayName, userContext }) => {
        this.people.set(id, { id: (userContext && userContext.id) || displayName, name: displayName });
        this.loudness(id);
      },
      participantLeft: ({ id }) => this.people.delete(id),
      participantKickedOut: ({ kicked }) => {
        if (kicked && (kicked.local || kicked.id === this.me)) voice.out('kicked', {});
      },
      audioMuteStatusChanged: ({ muted }) => this.muteChanged(muted),
      errorOccurred: ({ error }) => {
        if (error && error.isFatal) this.fail(error.name, error.message);
      },
      readyToClose: () => voice.leave(),
    };
    for (const [name, run] of Object.entries(handlers)) {
      this.api.addListener(name, (event) => {
        if (!this.over) run(event || {});
      });
    }
  }

  /** The page's own button and ours are one. */
  muteChanged(muted) {
    this.muted = muted;
    if (this.voice.microphone.on === muted) this.voice.mute(muted);
  }
  /** Turns the page's microphone on or off, as the bar says. */
  speak(on) {
    if (this.api && this.me && this.muted === on) this.api.executeCommand('toggleAudio');
  }
  loudness(nick) {
    this.api.executeCommand('setParticipantVolume', nick, this.voice.loudnessOf(this.people.get(nick).id));
  }
  volumesChanged() {
    if (this.api) for (const nick of this.people.keys()) this.loudness(nick);
  }
  replay() {}

  fail(why, text) {
    if (this.over) return;
    this.voice.failed(this, ...(FAULTS[why] || ['again', 'client']), typeof text === 'string' ? text : '');
  }

  async end() {
    if (this.over) return;
    this.over = true;
    await null; // out of the API's own event
    if (this.api) this.api.dispose();
    if (this.frame) this.frame.remove();
  }
}
