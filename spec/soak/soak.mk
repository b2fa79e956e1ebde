# make soak: ten minutes with a game that misbehaves; SECONDS=… for another length. In a network namespace of its own.
SOAK_PACKAGES := util-linux iproute2 command:nft=nftables
.PHONY: soak
soak: $(BUILD)/skotos_bridge.so build/game build/npm/.ready ## a game that misbehaves, for SECONDS (600); fails when a rule is broken
	@packaging/need.sh $(RUN_PACKAGES) $(SOAK_PACKAGES)
	@spec/soak/run.sh $(or $(SECONDS),600)
