# make try: real clients on a Jitsi that stands. See spec/try/README.md.
.PHONY: try
try: build/npm/.ready build/game ## HOST=meet.example.com [SECRET_FILE=…]: real clients and voices on a Jitsi host that stands (spec/try/README.md)
	@packaging/need.sh command:node=nodejs command:npm=npm chromium
	@NODE_PATH=build/npm/node_modules exec node spec/try/main.js
