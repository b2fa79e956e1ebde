/**
 * The one microphone of the page, kept from room to room. It is on while it is open and not muted, or its key is
 * held.
 */
export class Microphone {
  constructor(voice) {
    Object.assign(this, { voice, held: false, muted: false, track: null, asked: null });
  }
  get on() {
    return this.voice.settings.push ? this.held : !this.muted;
  }
  /** Jitsi's track, once the browser has given it; null, and told, when it does not. */
  async open(lib) {
    if (this.track) return this.track;
    this.opening = this.opening || lib.createLocalTracks({ devices: ['audio'] });
    try {
      [this.track] = await this.opening;
    } catch (e) {
      this.voice.note(/not_?found|no_data|constraint/i.test(e && e.name) ? 'absent' : 'denied');
    }
    this.opening = null;
    this.apply();
    return this.track;
  }
  /** Does what is wanted now; the others see it. */
  apply() {
    const { track, on } = this,
      { visit } = this.voice;
    if (visit && visit.speak) visit.speak(on); // Jitsi's own page has a microphone of its own
    if (track) this.asked = !on;
    if (track && track.isMuted() === on) {
      Promise.resolve(on ? track.unmute() : track.mute()).catch((e) => this.voice.fault(e));
    }
    this.voice.bar.microphone();
  }
  press(held) {
    if (held === this.held) return;
    this.held = held;
    if (held) this.voice.note('');
    this.apply();
  }
  mute(muted) {
    this.muted = muted;
    this.voice.note('');
    this.apply();
  }
  /** Somebody else has turned it off: so it stays, until the player tries again. */
  silenced(by) {
    if (!this.track.isMuted() || this.asked !== false || this.on === false) return;
    Object.assign(this, { asked: true, held: false, muted: true });
    this.voice.note(by ? 'silencedBy' : 'silenced', { name: by });
    this.voice.bar.microphone();
  }
}
