# The stand-in game (spec/support/game), for the specs and the demo.
GAME_SOURCES := $(wildcard spec/support/game/*.c)
build/game: $(GAME_SOURCES) spec/support/game/game.h
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -o $@ $(GAME_SOURCES)
