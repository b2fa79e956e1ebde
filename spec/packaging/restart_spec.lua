-- What skotos-bridge-setup says where Prosody cannot be restarted: why, and what a person does next. The programs that
-- it would run are stood in for: nobody's Prosody is touched.
package.path = "packaging/setup/?.lua;mod_skotos_bridge/skotos_bridge/admin/?.lib.lua;" .. package.path;

describe("skotos-bridge-setup's restart of Prosody", function ()
	local before, answers = {}, nil;
	local STOOD_IN = { "command", "files", "config_in_force", "prosody" };

	before_each(function ()
		for _, name in ipairs(STOOD_IN) do before[name] = package.loaded[name]; end
		package.loaded.prosody = nil;
		package.loaded.files = { read = function () return "4711\n"; end };
		package.loaded.config_in_force = { read = function () return nil, "not read here"; end };
		package.loaded.command = { run = function (words)
			local line = table.concat(words, " ");
			for _, answer in ipairs(answers) do
				if line:find(answer[1], 1, true) then return table.unpack(answer, 2); end
			end
			return true, "", 0;
		end };
	end);
	after_each(function ()
		for _, name in ipairs(STOOD_IN) do package.loaded[name] = before[name]; end
	end);

	local function refused()
		local ok, said = require "prosody".new(""):restart();
		assert.is_false(ok);
		return said;
	end
	local function says(said, texts)
		for _, text in ipairs(texts) do assert.truthy(said:find(text, 1, true), said); end
	end

	it("names the process that does not stop, and how Prosody is started when it is gone", function ()
		answers = { { "/run/systemd/system", false, "", 1 }, { "while kill -0", false, "", 124 } };
		says(refused(), { "process 4711", "did not stop within 60 s", "/etc/init.d/prosody start", "kill -9 4711" });
	end);

	it("names what starts it where init's script fails", function ()
		answers = { { "/run/systemd/system", false, "", 1 }, { "/etc/init.d/prosody start", false, "", 1 } };
		says(refused(), { "/etc/init.d/prosody start" });
	end);

	it("names what tells more, and what starts it, where systemd fails or takes too long", function ()
		answers = { { "systemctl restart prosody", false, "Job for prosody.service failed.\n", 1 } };
		says(refused(), { "Job for prosody.service failed.", "journalctl -u prosody", "systemctl restart prosody" });
		answers = { { "systemctl restart prosody", false, "", 124 } };
		says(refused(), { "not within 90 s", "journalctl -u prosody", "systemctl restart prosody" });
	end);
end);
