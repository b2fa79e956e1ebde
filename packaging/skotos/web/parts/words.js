/** All that a player reads; `words` in the options replaces any of it. {braces} are filled in, as text. */
export const WORDS = {
  bar: 'Voice', people: 'Who is here', you: '{name} (you)', speaks: 'speaks', muted: 'muted', volume: 'Volume of {name}',
  microphone: 'Microphone', hold: 'Hold to talk', push: 'Push to talk', key: 'Key: {key}', press: 'Press a key (Esc: none)',
  none: 'none', deaf: 'Hear nobody', join: 'Join', leave: 'Leave', listen: 'Let me hear them', nobody: 'no name',
  off: 'No voice yet.', joining: 'Joining {room} …', in: 'You are in {room}.', left: 'You have left. {room} is still there.',
  lost: 'The connection is lost. Trying again …', asking: 'Asking the game for a new pass …',
  kicked: 'You were put out of {room}. {reason}', ended: '{room} was closed. {reason}',
  refused: 'The voice server did not accept your pass. {reason}', barred: 'You may not come into {room} for now.',
  closed: '{room} lets in only who is asked in.', locked: '{room} is locked with a password.', full: '{room} is full.',
  client: 'The voice server cannot be reached. Trying again …', elsewhere: 'You are in {room} in another tab or window.',
  silenced: 'The game has turned your microphone off.', silencedBy: '{name} has turned your microphone off.',
  denied: 'Your browser does not let this page use the microphone. You can hear, but not speak.',
  absent: 'No microphone was found. You can hear, but not speak.', blocked: 'Your browser waits for a click to play sound.',
};
