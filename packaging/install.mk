# make install, make uninstall: the C module into Lua 5.4's folder of C modules, the Lua into Prosody's own folder of modules, which both a
# stock Jitsi's Prosody (whose configuration replaces plugin_paths) and a plain one always search.
prefix ?= /usr
MULTIARCH ?= $(shell $(CC) -print-multiarch 2>/dev/null)
luadir ?= $(prefix)/lib/$(if $(MULTIARCH),$(MULTIARCH)/)lua/5.4
plugindir ?= $(prefix)/lib/prosody/modules
MODULE_LUA := $(wildcard mod_skotos_bridge/*.lua)
MODULE_LUA_ROOMS := $(patsubst mod_skotos_bridge/%/,%,$(wildcard mod_skotos_bridge/skotos_bridge/*/))

.PHONY: install uninstall
install: $(BUILD)/skotos_bridge.so ## into DESTDIR and prefix (default /usr), where Prosody finds it
	install -d $(DESTDIR)$(luadir) $(MODULE_LUA_ROOMS:%=$(DESTDIR)$(plugindir)/%)
	install -m 644 $(BUILD)/skotos_bridge.so $(DESTDIR)$(luadir)/.skotos_bridge.so.new
	mv -f $(DESTDIR)$(luadir)/.skotos_bridge.so.new $(DESTDIR)$(luadir)/skotos_bridge.so
	install -m 644 $(MODULE_LUA) $(DESTDIR)$(plugindir)/
	$(foreach room,$(MODULE_LUA_ROOMS),install -m 644 mod_skotos_bridge/$(room)/*.lua $(DESTDIR)$(plugindir)/$(room)/ &&) true

uninstall: ## takes out what make install put there
	rm -f $(DESTDIR)$(luadir)/skotos_bridge.so $(MODULE_LUA:mod_skotos_bridge/%=$(DESTDIR)$(plugindir)/%)
	rm -rf $(DESTDIR)$(plugindir)/skotos_bridge
