-- The same logins from a real browser: Debian's Chromium, headless, with strophe.js in a page.
describe("login from Chromium", function ()
	require "spec.support.chromium.cases"("chromium",
		{ setup = setup, teardown = teardown, describe = describe, it = it });
 end);
