/** Keys that write, or move about, in a text: there they are the text's, and not ours. */
const writes = (e) =>
  e.key.length === 1 || /^(Enter|Backspace|Delete|Home|End|Page|Arrow|Dead|Process|Compose)/.test(e.key);
const TEXT = 'input, textarea, select, [contenteditable=""], [contenteditable="true"]';

/** The key that is held to talk, named by its place on the keyboard (KeyboardEvent.code); in any part of the page. */
export class TalkKey {
  constructor(voice) {
    this.voice = voice;
    this.listeners = {
      keydown: (e) => this.down(e),
      keyup: (e) => this.up(e),
      blur: () => voice.microphone.press(false),
    };
    for (const [name, run] of Object.entries(this.listeners)) window.addEventListener(name, run, true);
  }
  stop() {
    for (const [name, run] of Object.entries(this.listeners)) window.removeEventListener(name, run, true);
  }

  /** Takes the next key that is pressed as the one to hold; Escape or Tab: none. */
  choose() {
    this.choosing = true;
  }

  down(e) {
    const { voice } = this,
      { settings } = voice,
      ours = e.code === settings.key;
    if (this.choosing) {
      this.choosing = false;
      const none = e.key === 'Escape' || e.key === 'Tab' || !e.code;
      if (e.key !== 'Tab') {
        e.preventDefault();
        e.stopPropagation();
      }
      voice.set({ key: none ? '' : e.code });
      return;
    }
    if (!settings.push || !ours || e.isComposing) return;
    const at = e.composedPath()[0];
    if (writes(e) && at instanceof Element && at.closest(TEXT)) return;
    e.preventDefault();
    if (!e.repeat) voice.microphone.press(true);
  }
  up(e) {
    if (e.code === this.voice.settings.key) this.voice.microphone.press(false);
  }
}
