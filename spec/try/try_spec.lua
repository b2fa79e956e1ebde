-- make try before it has a Jitsi: what it refuses, and that it shows no secret.
local SECRET = "a-secret-that-nobody-may-see-anywhere";

-- Runs JavaScript with `variables` in its environment and nothing else of ours; gives its exit status and output.
local function node(code, variables)
	local words = { "env -i PATH=/usr/bin:/bin NODE_PATH=build/npm/node_modules" };
	for name, value in pairs(variables) do words[#words + 1] = ("%s='%s'"):format(name, value); end
	words[#words + 1] = code .. " 2>&1 </dev/null";
	local pipe = io.popen(table.concat(words, " "));
	local said = pipe:read("a");
	local _, _, status = pipe:close();
	return status or 0, said;
end

local function with_file(text, use)
	local path = os.tmpname();
	local file = assert(io.open(path, "w"));
	file:write(text);
	file:close();
	use(path);
	os.remove(path);
end

describe("make try", function ()
	for name, case in pairs {
		["no host"] = { {}, "HOST is not set" };
		["a path in the host"] = { { HOST = "meet.test/room", SECRET = SECRET },
			'HOST: "meet.test/room"; a host name is wanted' };
		["no secret"] = { { HOST = "meet.test", MINT = "" }, "SECRET_FILE=FILE is wanted" };
		["a secret on the command line"] = { { HOST = "meet.test", SECRET = SECRET, MAKEFLAGS = " -- SECRET=" .. SECRET },
			"SECRET is on the command line" };
		["a file that is not there"] = { { HOST = "meet.test", SECRET_FILE = "/nowhere/at/all" }, "SECRET_FILE: ENOENT" };
		["another way to log in"] = { { HOST = "meet.test", SECRET = SECRET, LOGIN = "basic" },
			'LOGIN: "basic"; one of skotos_bridge, jitsi is wanted' };
		["no number"] = { { HOST = "meet.test", SECRET = SECRET, LIMIT = "soon" },
			'LIMIT: "soon"; a whole number from 30 to 3600 is wanted' };
		["an unknown topic"] = { { HOST = "meet.test", SECRET = SECRET, ONLY = "voices,songs" },
			'ONLY: "songs"; some of voices,mute,' };
		["a host that does not answer"] = { { HOST = "http://127.0.0.1:1", SECRET = SECRET, ONLY = "room_name" },
			"serves no /libs/lib-jitsi-meet.min.js and no /config.js" };
	} do
		it("ends with status 2 and says what is wanted: " .. name, function ()
			local status, said = node("node spec/try/main.js", case[1]);
			assert.equal(2, status, said);
			assert.truthy(said:find(case[2], 1, true), said);
			assert.falsy(said:find(SECRET, 1, true));
		end);
	end

	it("takes the first line of the secret's file", function ()
		with_file(SECRET .. "\nthe old one\n", function (path)
			local code = [[node -e 'process.stdout.write(require("./spec/try/options").read(process.env).signer.secret)']];
			assert.same({ 0, SECRET }, { node(code, { HOST = "meet.test", SECRET_FILE = path }) });
		end);
	end);

	it("prints no token, no secret and no control characters, whatever a page says", function ()
		local code = [[node -e '
			const { Report } = require("./spec/try/report"), r = new Report(process.stdout, [process.env.SECRET]);
			r.fails("a page", "jwt=eyJhbGciOi.eyJpc3Mi.c2ln and " + process.env.SECRET + "\u001b[2J\n");
			process.exit(r.end())']];
		local status, said = node(code, { SECRET = SECRET });
		assert.equal(1, status);
		assert.truthy(said:find("a page: jwt=(token) and (secret) [2J", 1, true), said);
	end);

	for _, case in ipairs { { "r.holds(true, 1)", 0 }, { "r.holds(true, 1); r.holds(false, 2)", 1 }, { "r.skip(1)", 1 },
			{ "r.holds(true, 1); r.skip(2)", 0 } } do
		it("has exit status " .. case[2] .. " after " .. case[1], function ()
			local code = [[node -e 'const { Report } = require("./spec/try/report"), r = new Report(process.stdout); %s; ]]
				.. [[process.exit(r.end())']];
			assert.equal(case[2], (node(code:format(case[1]), {})));
		end);
	end
end);
