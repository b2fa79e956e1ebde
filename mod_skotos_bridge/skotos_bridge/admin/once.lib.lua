-- Prosody compiles a library anew for each file that requires it, and keeps them all, a twentieth of this module's memory. From here
-- on a module's libraries are loaded once: whoever requires one again gets the same.

local loaded, load = {}, module.require; -- name of a library -> what it gave

function module:require(name)
	loaded[name] = loaded[name] or load(self, name);
	return loaded[name];
end
