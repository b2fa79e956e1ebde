// What several steps look at: what somebody's page was told, and whether he is gone.

// A join's outcome in words.
exports.told = (r) => (r.joined ? r.role : `${r.failed} ${r.text}`.trim());

// roles (name → role) in words.
exports.listed = (roles) =>
  Object.entries(roles)
    .map(([name, role]) => `${name} ${role}`)
    .join(', ');

// Whether `kicked` is out in his own page, which is to be told KICKED (with `reason`, if one is given), and in the
// eyes of `others`.
exports.kicked = async (stage, what, kicked, others, reason) => {
  const args = await kicked.event('KICKED');
  const gone = (await Promise.all(others.map((p) => p.misses(kicked)))).every(Boolean);
  const page = args ? ['KICKED', ...args.filter((a) => typeof a === 'string')].join(' ') : 'his page hears nothing';
  const saw = `${page}, ${gone ? 'nobody' : 'somebody'} sees ${kicked.base}`;
  return stage.report.holds(args && gone && (!reason || args.includes(reason)), what, saw);
};

// Whether `gone` is out in the eyes of `others`.
exports.out = async (stage, what, gone, others) => {
  const is = (await Promise.all(others.map((p) => p.misses(gone)))).every(Boolean);
  return stage.report.holds(is, what, `${is ? 'nobody' : 'somebody'} sees ${gone.base}`);
};

// Somebody comes again, with the token that he had; gives him and his join's outcome.
exports.again = async (stage, before) => {
  const player = await stage.open(before.base, { ...before.wish, token: before.token });
  return [player, await player.join()];
};

// At the door; gives whether the page was sent to the lobby.
exports.knocks = async (stage, base, room) => {
  const p = await stage.open(base, { room }),
    answer = await p.join();
  const sent = answer.failed === 'conference.connectionError.membersOnly';
  stage.report.holds(sent, `${base}, a player, at the door`, sent ? 'has to knock' : exports.told(answer));
  if (sent)
    await p.bounded(
      p.run(`player.conference.joinLobby(${JSON.stringify(p.name)}).catch((e) => String(e))`),
      'the lobby to take the knock',
    );
  return sent ? p : null;
};
