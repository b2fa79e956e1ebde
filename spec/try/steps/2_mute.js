// Muting by a moderator's page, and what a player's page may not.
exports.title = 'Mute by a page';
exports.run = async (stage) => {
  const { report } = stage,
    room = stage.room('mute');
  const mina = await stage.join('Mina', { room, moderator: true, p2p: false });
  const anna = await stage.join('Anna', { room, p2p: false }),
    bert = await stage.join('Bert', { room, p2p: false });
  const hear = (is) => stage.listenUntil([bert], ([h]) => stage.hears(h, mina) && stage.hears(h, anna) === is);
  const say = ([h]) => `Mina ${h.energy(mina).toFixed(4)}, Anna ${h.energy(anna).toFixed(4)}`;
  let heard = await hear(true);
  if (!report.holds(stage.hears(heard[0], anna), 'Bert hears', say(heard))) return;

  // Her page is asked; Mina's own mute of Anna comes behind it on another way, so only what does not happen is
  // looked at.
  await anna.ask('mute', mina.name);
  await mina.ask('mute', anna.name);
  report.holds(await anna.until('player.isMuted()'), "the moderator's page mutes Anna: her page obeys");
  heard = await hear(false);
  report.holds(
    !stage.hears(heard[0], anna) && stage.hears(heard[0], mina),
    'Bert hears, now that Anna is muted',
    say(heard),
  );
  report.holds(!(await mina.run('player.isMuted()')), "a player's page does not mute the moderator");

  await anna.ask('cheat');
  [heard] = [await stage.listen([bert], 4000)];
  const cheated = stage.hears(heard[0], anna) ? 'heard again' : 'not heard';
  report.line('', `a page that cheats is ${cheated} after Jitsi's own mute, which asks the page only`);
  await anna.ask('unmute');
  heard = await hear(true);
  report.holds(stage.hears(heard[0], anna), 'Anna turns herself on again, and Bert hears', say(heard));
};
