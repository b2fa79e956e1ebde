/**
 * The one microphone of the page, kept from room to room. It is on while it is open and not muted, or its key is
 * held.
 */
export class Microphone {
  constructor(voice) {
    Object.assign(this, { voice, held: false, muted: false, track: null, wishes: [] });
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
    if (track) this.wish({ on });
    this.voice.bar.microphone();
  }
  /**
   * Has the track turned on or off, also while an earlier wish is still on its way: Jitsi's client fulfils one after
   * another, and does nothing where it is so already. Until then the wish is kept, to tell whose a change is.
   */
  wish(wish) {
    const { track } = this;
    const done = () => {
      this.wishes = this.wishes.filter((w) => w !== wish);
    };
    this.wishes.push(wish);
    (wish.on ? track.unmute() : track.mute()).then(done, (e) => {
      done();
      this.voice.fault(e);
    });
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
  /** The client has been ordered to turn it off, and will do so: by the game, or by `actor`. */
  ordered(actor) {
    if (this.track) this.wish({ on: false, note: actor ? 'turnedOff' : 'silenced' });
  }
  /**
   * The client has turned the track on or off; `by` is the name of the moderator who wanted it, if one did. Who turned
   * it off is told when it was not the player, and off it stays until he tries again.
   */
  changed(by) {
    const on = !this.track.isMuted(),
      at = this.wishes.findIndex((w) => w.on === on);
    const { note } = at < 0 ? { note: 'turnedOff' } : this.wishes[at];
    this.wishes.splice(0, at + 1);
    if (on || !note || !this.on || this.wishes.some((w) => !w.note)) return; // or he has tried again already
    Object.assign(this, { held: false, muted: true });
    this.voice.note(by ? 'silencedBy' : note, { name: by });
    this.voice.bar.microphone();
  }
}
