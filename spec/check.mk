# make check: everything a change has to pass, on both Prosodys. Installs what it lacks; needs nothing but the package registries.

BUILD_PACKAGES := gcc libc6-dev liblua5.4-dev libssl-dev libjansson-dev libjwt-dev libicu-dev
RUN_PACKAGES := prosody lua5.4 lua-sec lua-socket lua-filesystem lua-unbound command:node=nodejs command:npm=npm
CHECK_PACKAGES := clang clang-format cppcheck libclang-rt-14-dev valgrind lua-busted lua-check chromium iproute2 procps stunnel4 nftables openssl haproxy php-cli python3-jwt

$(C_HEADERS):
	packaging/need.sh $(BUILD_PACKAGES)

# npm's packages for real clients and for other people's token libraries, as the lock file has them.
build/npm/.ready: spec/support/npm.sh spec/package.json spec/package-lock.json
	spec/support/npm.sh $(@D)
	@touch $@

build/prosody13/.ready: spec/support/prosody13.sh
	spec/support/prosody13.sh $(@D)
	@touch $@

.PHONY: check quick lint specs
check: ## installs, builds with gcc and clang, lints, runs all specs on Prosody 0.12 and 13.0; SPEC=moderation, PROSODY=13.0: some of them
	@packaging/need.sh $(BUILD_PACKAGES) $(RUN_PACKAGES) $(CHECK_PACKAGES)
	@SPEC="$(SPEC)" PROSODY="$(PROSODY)" MAKE="$(MAKE)" spec/support/check/check.sh $(if $(SPEC)$(PROSODY),core packaging prosody)

quick: ## what a change passes before its commit: builds, lints, the core's specs, the live specs of the changed files
	@packaging/need.sh $(BUILD_PACKAGES) $(RUN_PACKAGES) $(CHECK_PACKAGES)
	@MAKE="$(MAKE)" spec/support/check/check.sh quick

specs: $(BUILD)/skotos_bridge.so $(BUILD)/skotos_probes.so build/wire build/game build/npm/.ready ## the specs of FILES (default all) on the Prosody SKOTOS_PROSODY (0.12 or 13.0)
	lua5.4 /usr/bin/busted $(or $(FILES),spec)

lint: ## clang-format, luacheck, cppcheck
	@MAKE="$(MAKE)" spec/support/check/check.sh lint
