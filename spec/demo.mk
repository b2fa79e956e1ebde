# make demo: the story of a few logins on a live Prosody. Installs what it lacks, and only that.
DEMO_PACKAGES := $(BUILD_PACKAGES) $(RUN_PACKAGES)
DEMO_BUILDS = $(BUILD)/skotos_bridge.so build/game build/npm/.ready

.PHONY: demo demo-packages
demo-packages:
	@packaging/need.sh $(DEMO_PACKAGES)

demo: demo-packages ## a game, a Prosody, four players, told as it happens; KEEP=1: stays up to try things
	@$(MAKE) -q $(DEMO_BUILDS) 2>/dev/null || echo "building"
	@$(MAKE) --no-print-directory -s $(DEMO_BUILDS)
	@NODE_PATH=build/npm/node_modules KEEP=$(KEEP) exec node spec/demo/main.js
