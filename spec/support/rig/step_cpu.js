// The CPU that the longest step of a link or a listener has needed, which a busy machine does not lengthen as it does the time by the clock.
// The module does not count it, since asking costs as much as half a login.
const WATCH = `for _, kind in ipairs { "link", "listener" } do
  local methods = debug.getregistry()["skotos_bridge." .. kind];
  local step, longest = methods.step, 0;
  methods.step = function (self)
    local from = os.clock();
    local entries, wants_address, commands = step(self);
    longest = math.max(longest, os.clock() - from);
    return entries, wants_address, commands;
  end
  methods.longest_cpu = function () return longest; end
end`;
const LONGEST = `local methods = debug.getregistry();
return math.max(methods["skotos_bridge.link"].longest_cpu(), methods["skotos_bridge.listener"].longest_cpu())`;

// Steps of that Prosody are watched from now on. Gives a function that tells the longest so far, in seconds.
async function watch_steps(prosody) {
  const failed = await prosody.lua(WATCH);
  if (failed !== 'nil') throw new Error(failed);
  return async () => Number(await prosody.lua(LONGEST));
}
module.exports = { watch_steps };
