-- Runs Lua that a spec sends, inside the server under test. For the specs only: it listens on loopback.
module:depends("http");
module:provides("http", {
	default_path = "/rig";
	route = {
		POST = function (event)
			local chunk, err = load("local module, host = ...; " .. event.request.body, "=spec");
			if not chunk then return "error: " .. err; end
			local ok, result = pcall(chunk, module, module.host);
			return ok and tostring(result) or "error: " .. tostring(result);
		end;
	};
});
