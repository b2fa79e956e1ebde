// In the page, beside Jitsi's own client: one player. Everything that the driver (or a spec) asks of the client
// goes through `player`.
(() => {
  const connections = [];
  const { RTCPeerConnection } = window;
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...a) {
      super(...a);
      connections.push(this);
    }
  };

  const plain = (v) =>
    v === null ||
    ['string', 'number', 'boolean'].includes(typeof v) ||
    Array.isArray(v) ||
    Object.getPrototypeOf(v) === Object.prototype;
  const player = { events: [], conference: null, connection: null, tracks: [] };

  // Keeps every event of an enumeration, with its plain arguments.
  const keep = (target, events) =>
    Object.entries(events).forEach(([key, name]) => {
      if (typeof name !== 'string' || /AUDIO_LEVEL|STATS|TALK|NOISY|NO_AUDIO/.test(key)) return;
      target.addEventListener(name, (...args) =>
        player.events.push({ key, args: args.filter((a) => a !== undefined && plain(a)) }),
      );
    });
  // The events named `key` that came since event number `from`.
  player.heardOf = (key, from = 0) => player.events.slice(from).filter((e) => e.key === key);

  const microphone = async () => {
    player.tracks = await JitsiMeetJS.createLocalTracks({ devices: ['audio'] });
  };

  const connect = (o) =>
    new Promise((done) => {
      const service = new URL(
        o.transport === 'bosh' ? o.config.bosh : o.config.websocket || o.config.bosh,
        location.href,
      );
      service.searchParams.append('room', o.room);
      const connection = (player.connection = new JitsiMeetJS.JitsiConnection(null, o.token || null, {
        ...o.config,
        serviceUrl: service.href,
      }));
      const { connection: names } = JitsiMeetJS.events;
      keep(connection, names);
      connection.addEventListener(names.CONNECTION_ESTABLISHED, () => done(null));
      connection.addEventListener(names.CONNECTION_FAILED, (code, text) => done({ failed: code, text: text || '' }));
      connection.connect({ name: o.room });
    });

  // `room`: { node, domain }, the domain where it is not the main MUC's.
  const enter = (o, room, password) =>
    new Promise((done) => {
      const name = room.domain ? Object.assign(new String(room.node), { domain: room.domain }) : room.node;
      const conference = (player.conference = player.connection.initJitsiConference(name, o.config));
      const { conference: names } = JitsiMeetJS.events;
      keep(conference, names);
      // The library takes the role out of the presence that it tells of here only behind this event.
      conference.addEventListener(names.CONFERENCE_JOINED, () =>
        setTimeout(() => done({ joined: true, id: conference.myUserId(), role: conference.getRole() })),
      );
      conference.addEventListener(names.CONFERENCE_FAILED, (code, ...rest) =>
        done({ failed: code, text: rest.filter((v) => typeof v === 'string').join(' ') }),
      );
      conference.addEventListener(names.TRACK_ADDED, (track) => {
        if (track.isLocal() || track.getType() !== 'audio') return;
        const element = Object.assign(document.createElement('audio'), { autoplay: true });
        document.body.append(element);
        track.attach(element);
      });
      if (o.name) conference.setDisplayName(o.name);
      Promise.all(player.tracks.map((t) => conference.addTrack(t))).then(() => conference.join(password));
    });

  // Logs in and joins; gives { joined, id, role }, or { failed: the library's code, text }.
  player.join = async (o) => {
    const config = {
      ...o.config,
      p2p: { ...o.config.p2p, enabled: o.p2p, backToP2PDelay: 1 },
      disableThirdPartyRequests: true,
      ...o.options,
    };
    player.wish = { ...o, config };
    JitsiMeetJS.setLogLevel(JitsiMeetJS.logLevels.ERROR);
    JitsiMeetJS.init({ disableAudioLevels: true, disableThirdPartyRequests: true });
    if (o.audio !== false) await microphone();
    return (await connect(player.wish)) || enter(player.wish, { node: o.room });
  };
  // Leaves the room and goes into another, as the page does for breakout rooms.
  player.move = async (node, domain) => {
    await player.conference.leave();
    await microphone();
    return enter(player.wish, { node, domain });
  };
  // Tries the room again after the lobby's answer, or a kick.
  player.again = () => enter(player.wish, { node: player.wish.room });
  player.leave = async () => {
    try {
      if (player.conference) await player.conference.leave();
    } catch (e) {
      /* it is not in the room any more */
    }
    if (player.connection) await player.connection.disconnect();
  };

  const id = (name) => {
    const p = player.conference.getParticipants().find((q) => q.getDisplayName() === name || q.getId() === name);
    return p && p.getId();
  };
  player.id = id;
  // Who is there in this player's eyes: name → role, himself included.
  player.roles = () =>
    Object.fromEntries([
      [player.wish.name, player.conference.getRole()],
      ...player.conference
        .getParticipants()
        .filter((p) => !p.isHidden())
        .map((p) => [p.getDisplayName() || p.getId(), p.getRole()]),
    ]);
  player.kick = (name, reason) => player.conference.kickParticipant(id(name), reason);
  player.mute = (name) => player.conference.muteParticipant(id(name), 'audio');
  player.ban = (name) =>
    player.conference.room.setAffiliation(
      player.conference.getParticipantById(id(name)).getConnectionJid(),
      'outcast',
    );
  // Writes into the room's chat; false while there is no connection.
  player.write = (text) => {
    try {
      player.conference.sendMessage(text);
      return true;
    } catch (e) {
      return false;
    }
  };
  player.hasRead = (text, from) => player.heardOf('MESSAGE_RECEIVED', from).some((e) => e.args.includes(text));
  player.isMuted = () => player.tracks.some((t) => t.isMuted());
  player.unmute = () => Promise.all(player.tracks.map((t) => t.unmute()));
  // What somebody types into the console of his browser: the microphone goes on, and nobody is asked or told.
  player.cheat = () =>
    player.tracks.forEach((t) => {
      t.getTrack().enabled = true;
    });

  // Name → energy of the voice that has arrived so far; `direct`: over peer-to-peer.
  player.energies = async () => {
    const owner = {},
      sum = {};
    for (const p of player.conference.getParticipants())
      for (const t of p.getTracks()) owner[t.getTrack().id] = p.getDisplayName() || p.getId();
    for (const c of connections) {
      if (c.connectionState === 'closed') continue;
      (await c.getStats()).forEach((r) => {
        const from = r.type === 'inbound-rtp' && r.kind === 'audio' && owner[r.trackIdentifier];
        if (from) sum[from] = (sum[from] || 0) + (r.totalAudioEnergy || 0);
      });
    }
    return { of: sum, direct: player.conference.isP2PActive() };
  };
  window.player = player;
})();
