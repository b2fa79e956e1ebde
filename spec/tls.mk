# What the specs of TLS need beside the module: a wire between two network namespaces.
$(BUILD)/wire: spec/support/net/wire.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g $(C_WARNINGS) -o $@ $<
