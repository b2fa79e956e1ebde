# make shards: the story of one game on three shards. Needs network namespaces; installs what it lacks.
SHARDS_BUILDS = $(DEMO_BUILDS) build/prosody13/.ready

.PHONY: shards bench-shards
shards: demo-packages ## one game, three Jitsi shards behind HAProxy, one of which dies, told as it happens
	@packaging/need.sh haproxy iproute2 openssl
	@$(MAKE) -q $(SHARDS_BUILDS) 2>/dev/null || echo "building"
	@$(MAKE) --no-print-directory -s $(SHARDS_BUILDS)
	@lua5.4 spec/demo/shards.lua

bench-shards: demo-packages $(DEMO_BUILDS) ## what several shards cost: 1, 3 and 10 of them live, 100 of them simulated
	@packaging/need.sh iproute2 openssl
	@lua5.4 bench/shards.lua
	@lua5.4 bench/shards_simulation.lua
