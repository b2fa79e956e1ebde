import { WORDS } from './words.js';

/** Makes an element with properties and children; text is always text. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/**
 * What the player sees: one element, with a shadow root, so that the page's style sheet does not reach into it, nor
 * ours out of it. Colours and type are the page's own: they are inherited.
 */
export class Bar {
  constructor(voice, parent, style) {
    this.voice = voice;
    this.words = { ...WORDS, ...voice.options.words };
    this.rows = new Map(); // nickname → { row, name, state, slider }
    const word = (key) => this.words[key];
    this.element = make('div', { className: 'skotos-voice' });
    this.root = this.element.attachShadow({ mode: 'open' });
    this.state = make('span', { className: 'state' });
    this.remark = make('span', { className: 'note' });
    this.hint = make('span', { className: 'hint' });
    this.mic = make('button', { type: 'button', className: 'microphone', onclick: () => this.clicked() });
    this.deaf = make('button', {
      type: 'button',
      textContent: word('deaf'),
      onclick: () => voice.set({ deaf: !voice.settings.deaf }),
    });
    this.push = make('input', { type: 'checkbox', onchange: () => voice.set({ push: this.push.checked }) });
    this.key = make('button', { type: 'button', onclick: () => this.choose() });
    this.listen = make('button', {
      type: 'button',
      hidden: true,
      textContent: word('listen'),
      onclick: () => this.unblock(),
    });
    this.leave = make('button', { type: 'button', textContent: word('leave'), onclick: () => voice.leave() });
    this.join = make('button', { type: 'button', textContent: word('join'), onclick: () => voice.join() });
    this.people = make('ul', { 'aria-label': word('people') });
    const look = make('link', {
      rel: 'stylesheet',
      href: style,
      onload: () => this.ready(),
      onerror: () => this.ready(),
    });
    this.frame = make(
      'section',
      { hidden: true, 'aria-label': word('bar') },
      make('p', { role: 'status' }, this.state, ' ', this.remark, ' ', this.hint),
      make(
        'div',
        { className: 'controls' },
        this.listen,
        this.mic,
        this.deaf,
        make('label', {}, this.push, word('push')),
        this.key,
        this.join,
        this.leave,
      ),
      this.people,
    );
    this.root.append(look, this.frame);
    this.hold(this.mic);
    this.settings();
    parent.append(this.element);
  }
  ready() {
    this.frame.hidden = false;
  }
  stop() {
    this.element.remove();
  }

  /** The words for `key`, with {names} filled in from `values`. */
  say(key, values = {}) {
    return (this.words[key] || '')
      .replace(/\{(\w+)\}/g, (all, name) => (values[name] === undefined ? '' : String(values[name])))
      .trim();
  }
  tell(key, values) {
    this.state.textContent = this.say(key, values);
    this.buttons();
  }
  note(key, values) {
    this.remark.textContent = key ? this.say(key, values) : '';
  }

  buttons() {
    const { active, call } = this.voice,
      had = this.root.activeElement;
    this.leave.hidden = !active;
    this.join.hidden = active || !call;
    // Whoever pressed the one by keyboard stands on the other now.
    if (had && had.hidden) (active ? this.leave : this.join).focus();
  }
  settings() {
    const { push, key, deaf } = this.voice.settings;
    this.push.checked = push;
    this.key.hidden = !push;
    this.key.textContent = this.say('key', {
      key: key.replace(/^(Key|Digit)/, '').replace(/([a-z])([A-Z0-9])/g, '$1 $2') || this.words.none,
    });
    this.deaf.setAttribute('aria-pressed', String(deaf));
    this.microphone();
  }
  choose() {
    this.key.textContent = this.words.press;
    this.voice.talkKey.choose();
  }

  /** The button turns the microphone on and off; where one pushes to talk, it is held. */
  hold(button) {
    const press = (held) => {
      if (this.voice.settings.push) this.voice.microphone.press(held);
    };
    button.addEventListener('pointerdown', (e) => {
      if (e.button === 0) press(true);
    });
    for (const end of ['pointerup', 'pointercancel', 'pointerleave', 'blur'])
      button.addEventListener(end, () => press(false));
    button.addEventListener('keydown', (e) => {
      if ((e.key === ' ' || e.key === 'Enter') && !e.repeat) press(true);
    });
    button.addEventListener('keyup', (e) => {
      if (e.key === ' ' || e.key === 'Enter') press(false);
    });
  }
  clicked() {
    const { voice } = this;
    if (!voice.settings.push) voice.mute(!voice.microphone.muted);
  }
  microphone() {
    const { microphone, settings } = this.voice;
    if (!microphone) return;
    this.mic.textContent = settings.push ? this.words.hold : this.words.microphone;
    this.mic.setAttribute('aria-pressed', String(microphone.on));
  }

  blocked(is) {
    this.listen.hidden = !is;
    this.hint.textContent = is ? this.words.blocked : '';
  }
  unblock() {
    this.blocked(false);
    this.voice.visit.replay();
  }

  /** Shows a person, or what has changed about one: { nick, id, name, me, muted, speaking }. */
  show(person) {
    const { nick, id, me } = person,
      name = person.name || this.words.nobody;
    let row = this.rows.get(nick);
    if (!row) {
      row = { name: make('span', { className: 'name' }), state: make('span', { className: 'what' }), row: make('li') };
      row.row.append(row.name, row.state);
      if (!me) {
        row.slider = make('input', { type: 'range', min: '0', max: '100', step: '5' });
        row.slider.value = String(100 * this.voice.ownVolume(id));
        row.slider.oninput = () => this.voice.setOwnVolume(id, Number(row.slider.value) / 100);
        row.row.append(row.slider);
      }
      this.rows.set(nick, row);
      this.people.append(row.row);
    }
    row.name.textContent = me ? this.say('you', { name }) : name;
    row.state.textContent = person.muted ? this.words.muted : (person.speaking && this.words.speaks) || '';
    row.row.className = person.muted ? 'muted' : (person.speaking && 'speaks') || '';
    if (row.slider) row.slider.setAttribute('aria-label', this.say('volume', { name }));
  }
  hide(nick) {
    const row = this.rows.get(nick);
    if (row) row.row.remove();
    this.rows.delete(nick);
  }
}
