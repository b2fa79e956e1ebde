-- The man pages and bash's completion, which are made of what the commands and the guide say of themselves.
local shell = require "spec.support.shell";

local function said(command) return (select(2, shell.sh(command))); end

describe("the manual", function ()
	it("has a page of all options, and one of prosodyctl's commands, of which man complains of nothing", function ()
		local page = os.tmpname();
		for kind, wanted in pairs { options = { "skotos_moderators", "skotos_old_tokens_until", "skotos_shards" },
				commands = { "check", "migrate", "undrain", "--time-server" } } do
			shell.ok(("lua5.4 packaging/man/make.lua %s >%s"):format(kind, page));
			local complaints = said(("MANWIDTH=100 man --warnings -l %s 2>&1 >/dev/null"):format(page));
			assert.equal("", complaints);
			local text = said(("MANWIDTH=100 man -l %s | col -b"):format(page));
			for _, word in ipairs(wanted) do assert.truthy(text:find(word, 1, true), kind .. ": " .. word); end
		end
		os.remove(page);
	end);

	it("tells of every option that skotos-bridge-setup takes", function ()
		local text = said "MANWIDTH=200 man -l packaging/man/skotos-bridge-setup.8 | col -b";
		local help, count = said "packaging/bin/skotos-bridge-setup --help", 0;
		for option in help:gmatch("%f[%-]%-%-[%l-]+") do
			if option ~= "--help" and option ~= "--version" then
				count = count + 1;
				assert.truthy(text:find(option, 1, true), option .. " has no place in the man page");
			end
		end
		assert.is_true(count > 20);
	end);
end);

describe("bash's completion", function ()
	local function completed(line)
		local words = {};
		for word in (line .. "|"):gmatch("[^ ]+") do words[#words + 1] = "'" .. word:gsub("|$", "") .. "'"; end
		local script = ([[. packaging/completion.bash; COMP_WORDS=(%s); COMP_CWORD=%d; compopt() { :; }; %s ]]
			.. [["${COMP_WORDS[0]}" && printf '%%s\n' "${COMPREPLY[@]}"]])
			:format(table.concat(words, " "), #words - 1, line:find("prosodyctl") and "_skotos_prosodyctl" or "_skotos_setup");
		local path = os.tmpname();
		local file = assert(io.open(path, "w"));
		file:write(script);
		file:close();
		local text = said("bash " .. path);
		os.remove(path);
		return text;
	end

	it("offers what --help names", function ()
		assert.equal("--moderator\n", completed "packaging/bin/skotos-bridge-setup --mod");
		assert.truthy(completed "packaging/bin/skotos-bridge-setup --":find("--old-links-until\n", 1, true));
		assert.equal("--instance\n", completed "packaging/bin/skotos-game-setup --ins");
		assert.equal("CHANGELOG.md\n", completed "packaging/bin/skotos-bridge-setup --from CHANGE");
		assert.equal("mod_skotos_bridge\n", completed "prosodyctl mod_sk");
	end);
end);
