-- skotos-bridge-setup on a folder that stands for / of a Jitsi host (jitsi_tree), and what Prosody makes of the
-- outcome.
package.path = "packaging/setup/?.lua;mod_skotos_bridge/skotos_bridge/admin/?.lib.lua;" .. package.path;
local config_in_force = require "config_in_force";
local tree_lib = require "spec.support.jitsi_tree";
local shell = require "spec.support.shell";

local M = {};

local FOLDERS = { ["0.12"] = "/usr/lib/prosody", ["13.0"] = "build/prosody13/usr/lib/prosody" };
M.FOLDER = FOLDERS[os.getenv "SKOTOS_PROSODY" or "0.12"];

-- Runs it on `tree`, with Prosody's own reader of the version under test; `before` is what stands before it in the
-- shell's line. Gives its status and all it said.
function M.run(tree, arguments, before)
	return shell.sh(("PROSODY_SRCDIR=%s %s timeout 100 packaging/bin/skotos-bridge-setup --root '%s' %s </dev/null")
		:format(M.FOLDER, before or "", tree.root, arguments));
end

-- The same where it has to succeed: gives all it said.
function M.ok(tree, arguments, before)
	local status, text = M.run(tree, arguments, before);
	assert(status == 0, text);
	return text;
end

-- The configuration as Prosody reads it; nil and why where it does not.
function M.config(tree)
	return config_in_force.read(tree.root .. "/etc/prosody/prosody.cfg.lua");
end

-- The settings that count for a host or component, by name.
function M.settings(tree, name)
	local config = assert(M.config(tree));
	return setmetatable({}, { __index = function (_, key) return config:get(name or tree_lib.HOST, key); end });
end

function M.put(path, text)
	local file = assert(io.open(path, "wb"));
	assert(file:write(text));
	assert(file:close());
end

-- Our own files in the tree.
function M.drop_in(tree, host)
	return ("%s/etc/prosody/skotos-bridge/%s.cfg.lua"):format(tree.root, host or tree_lib.HOST);
end
function M.secret(tree, host)
	return ("%s/etc/prosody/skotos-bridge/%s.secret"):format(tree.root, host or tree_lib.HOST);
end

return M;
