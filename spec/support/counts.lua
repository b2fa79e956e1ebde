-- busted's output for check.sh: failures in full as they come, at the end one line "counts PASSED FAILED PENDING".
return function ()
	local busted = require "busted";
	local handler = require "busted.outputHandlers.base" ();

	local function tell(element, _, message)
		if type(message) == "table" then message = message.message or tostring(message); end
		io.write(("  failed: %s\n    %s\n"):format(handler.getFullName(element), (tostring(message):gsub("\n", "\n    "))));
		io.flush();
		return nil, true;
	end

	local function tell_counts()
		io.write(("counts %d %d %d\n"):format(handler.successesCount, handler.failuresCount + handler.errorsCount,
			handler.pendingsCount));
		return nil, true;
	end

	busted.subscribe({ "failure" }, tell);
	busted.subscribe({ "error" }, tell);
	busted.subscribe({ "suite", "end" }, tell_counts);
	return handler;
end
