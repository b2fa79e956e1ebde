# What the specs of TLS need beside the module: a wire between two network namespaces, and a look at OpenSSL's error queue.
TLS_SPEC_FILES := $(BUILD)/wire $(BUILD)/openssl_queue.so

$(BUILD)/wire: spec/support/net/wire.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g $(C_WARNINGS) -o $@ $<

$(BUILD)/openssl_queue.so: spec/support/openssl_queue.c | $(C_HEADERS)
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g -fPIC -shared $(C_WARNINGS) $(LUA_CFLAGS) -o $@ $< -lcrypto
