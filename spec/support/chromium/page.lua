-- A player's page, driven from a spec: page.start("chromium"|"node") -> player; player:run{ op = "visit"|"resume", … }
-- -> table, or raises; player:stop(). The page lives in a child process of its own (run.js, or `script`), which ends
-- with its input.
local rig = require "spec.support.rig"; -- sets the paths to Prosody's libraries
local json = require "util.json";

local page = {};
local player = {};
player.__index = player;

function page.start(where, script)
	local name = os.tmpname();
	os.remove(name);
	assert(os.execute("mkfifo -m 600 " .. name));
	local out = io.popen(("NODE_PATH=build/npm/node_modules exec node %s %s > %s"):format(script
		or "spec/support/chromium/run.js", where, name), "w");
	local answers = assert(io.open(name, "r"));
	os.remove(name);
	out:setvbuf("line");
	return setmetatable({ out = out, answers = answers }, player);
end

function player:run(o)
	self.out:write(json.encode(o), "\n");
	self.out:flush();
	local line = assert(self.answers:read("l"), "the page is gone");
	local answer = json.decode(line);
	if answer.failed then error(answer.failed, 2); end
	return answer;
end

function player:stop()
	self.out:write('{"op":"end"}\n');
	self.out:close();
	self.answers:close();
end

page.secret = rig.SECRET;
return page;
