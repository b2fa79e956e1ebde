# What the specs of packaging/ need beside the module.
build/failing_writes: spec/support/failing_writes.c | $(C_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $<
