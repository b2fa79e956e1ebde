# skotos_bridge: the two commands are "make demo" and "make check"; "make help" tells of the others.
# Each part of the tree brings its own rules: luaclib/build.mk, spec/check.mk, …

BUILD ?= build
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PARTS := luaclib spec prosody-config packaging bench fuzz
include $(wildcard $(PARTS:%=%/*.mk) $(PARTS:%=%/*/*.mk))

.PHONY: all clean help
all: $(BUILD)/skotos_bridge.so ## the C module, build/skotos_bridge.so

clean: ## away with build/
	rm -rf build

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort -u | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24
