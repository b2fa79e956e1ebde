// A connection that breaks after the token's time, and a link that was opened too late.
const { told } = require('../people');
const { pause } = require('../stage');

const WISH = 5; // seconds within which these tokens have to be used first
const LEEWAY = 11; // seconds: skotos_leeway's default, and one
const CUT = 4000; // ms

exports.title = 'A cut connection with an old token';
exports.run = async (stage) => {
  const { report } = stage,
    room = stage.room('cut');
  const mina = await stage.join('Mina', { room, moderator: true, p2p: false });
  const late = await stage.open('Lars', { room, validFor: WISH }),
    made = Date.now();
  const dora = await stage.join('Dora', { room, validFor: WISH, p2p: false });
  await mina.sees(dora);
  await pause(Math.max(0, made + (WISH + LEEWAY) * 1000 - Date.now()));

  const refused = await late.join();
  if (refused.joined && stage.o.login === 'skotos_bridge') {
    report.fails(
      'a link that nobody opened in time opens nothing',
      'it was let in; is authentication = "skotos_bridge" on this host? (LOGIN=jitsi: it is Jitsi\'s own)',
    );
  } else
    report.holds(
      refused.failed === 'connection.passwordRequired',
      'a link that nobody opened in time',
      told(refused),
    );
  if (stage.o.login !== 'skotos_bridge') {
    report.skip("a cut connection: with Jitsi's own login it ends with the token");
    return;
  }

  const from = await mina.mark();
  dora.wire.cut();
  await pause(CUT);
  dora.wire.heal();
  const heard = await stage.listenUntil([mina, dora], ([m, d]) => stage.hears(m, dora) && stage.hears(d, mina));
  report.holds(
    stage.hears(heard[0], dora),
    `cut for ${CUT / 1000} s, Dora is heard again`,
    `Mina hears ${heard[0].energy(dora).toFixed(4)}`,
  );
  // The voice has its own way; what she writes needs the connection.
  const text = `still here ${stage.mark}`;
  const wrote = await dora.until(`player.write(${JSON.stringify(text)})`);
  const read = wrote && (await mina.until(`player.hasRead(${JSON.stringify(text)}, ${from})`));
  const saw = read ? 'it does' : wrote ? 'it does not' : 'she is not connected';
  report.holds(read, 'what she writes in the chat arrives', saw);
  const left = await mina.run(`player.heardOf("USER_LEFT", ${from}).length`);
  report.line('', `she ${left ? 'left and came again' : "never left the room in the others' eyes"}`);
};
