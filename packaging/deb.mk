# make deb: the Debian package for the release that this machine runs, in build/deb. make install-tools: the commands beside the module.
DEB_PACKAGES := build-essential dpkg-dev debhelper fakeroot
CHECK_PACKAGES += openssh-server shellcheck apt-utils gnupg
datadir ?= $(prefix)/share/skotos-bridge
sbindir ?= $(prefix)/sbin
docdir ?= $(prefix)/share/doc/prosody-mod-skotos-bridge
# The guides, and what they have a game's author or an administrator copy, each at its own place, so that their links lead there.
DOCS = README.md CHANGELOG.md mod_skotos_bridge/README.md mod_skotos_bridge/skotos_bridge/login/README.md packaging/README.md \
	packaging/game-host/README.md $(shell find prosody-config $(addprefix packaging/,docker haproxy shards skotos without-a-game) -type f)
DEB_VERSION = $(shell packaging/version.sh)~deb$(shell . /etc/os-release; echo $${VERSION_ID:-0})

.PHONY: deb install-tools
deb: ## the Debian package for this machine's release, in build/deb
	@packaging/need.sh $(DEB_PACKAGES) $(BUILD_PACKAGES)
	rm -rf build/deb
	mkdir -p build/deb/source
	tar --exclude=./build --exclude=./.git -cf - . | tar -xf - -C build/deb/source
	packaging/version.sh >build/deb/VERSION
	mv build/deb/VERSION build/deb/source/
	cp -r packaging/debian build/deb/source/debian
	packaging/changelog.sh "$(DEB_VERSION)" > build/deb/source/debian/changelog
	cd build/deb/source && env -u MAKEFLAGS -u MAKELEVEL dpkg-buildpackage -b -us -uc
	rm -rf build/deb/source
	@ls build/deb/*.deb

install-tools: ## skotos-bridge-setup and skotos-game-setup, into DESTDIR and prefix
	install -d $(DESTDIR)$(sbindir) $(DESTDIR)$(datadir)/setup
	install -m 755 packaging/bin/skotos-bridge-setup packaging/bin/skotos-game-setup $(DESTDIR)$(sbindir)/
	sed -i "s/^version=.*/version=$$(packaging\/version.sh)/" $(DESTDIR)$(sbindir)/skotos-game-setup
	install -m 644 packaging/setup/*.lua $(DESTDIR)$(datadir)/setup/
	for part in arguments chat_admin_config defaults escaped file hocon secret_text; do install -m 644 mod_skotos_bridge/skotos_bridge/admin/$$part.lib.lua \
		$(DESTDIR)$(datadir)/setup/$$part.lua || exit; done
	echo "return \"$$(packaging/version.sh)\"" >$(DESTDIR)$(datadir)/setup/version.lua
	install -d $(DESTDIR)$(datadir)/game-host $(DESTDIR)$(datadir)/grafana
	install -m 755 packaging/game-host/make-certificates.sh $(DESTDIR)$(datadir)/game-host/
	install -m 644 packaging/game-host/skotos-game.conf packaging/game-host/skotos-game.nft \
		packaging/game-host/skotos-certificates.service packaging/game-host/skotos-certificates.timer $(DESTDIR)$(datadir)/game-host/
	install -m 644 packaging/grafana/*.json $(DESTDIR)$(datadir)/grafana/
	for file in $(DOCS); do install -D -m 644 $$file $(DESTDIR)$(docdir)/$$file || exit; done

	install -d $(DESTDIR)$(prefix)/share/man/man5 $(DESTDIR)$(prefix)/share/man/man7 $(DESTDIR)$(prefix)/share/man/man8
	install -m 644 packaging/man/*.8 $(DESTDIR)$(prefix)/share/man/man8/
	lua5.4 packaging/man/make.lua options >$(DESTDIR)$(prefix)/share/man/man5/skotos_bridge.5
	lua5.4 packaging/man/make.lua commands >$(DESTDIR)$(prefix)/share/man/man7/prosodyctl-skotos_bridge.7
	install -D -m 644 packaging/completion.bash $(DESTDIR)$(prefix)/share/bash-completion/completions/skotos-bridge-setup
	for name in skotos-game-setup prosodyctl; do ln -sf skotos-bridge-setup $(DESTDIR)$(prefix)/share/bash-completion/completions/$$name; done

.PHONY: apt-repo
APT_REPO ?= build/apt
apt-repo: ## a signed apt repository of the packages in build/deb (or DEBS), in APT_REPO (build/apt), with the key APT_KEY
	@packaging/need.sh apt-utils command:gpg=gnupg
	packaging/apt-repo.sh $(APT_REPO) $(DEBS)

.PHONY: check-install
check-install: $(BUILD)/skotos_bridge.so build/game build/npm/.ready ## as root: the package for real on debootstrapped Debian 12 and 13; minutes
	@packaging/need.sh debootstrap util-linux iproute2 nftables stunnel4 openssl apt-utils gnupg $(RUN_PACKAGES) lua-busted
	packaging/check-install.sh bookworm
	packaging/check-install.sh trixie
