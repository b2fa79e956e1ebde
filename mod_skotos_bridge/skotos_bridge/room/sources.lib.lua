-- What somebody's presence says of his sources: which are muted, as Jicofo reads it (SourceInfo.kt, ChatRoomMemberImpl.kt). A source is of
-- a medium: "audio", "video" (a camera), "desktop" (a shared screen, which is a video too, but mutes by itself).

local json = require "util.json";

local M = {};

M.MEDIA = { "audio", "video", "desktop" };

local by_letter = { a = "audio", v = "video" };
local legacy = { audio = "audiomuted", video = "videomuted" }; -- elements of pages before 2022

local function medium_of(name, source)
	local medium = type(source.mediaType) == "string" and source.mediaType:lower() or by_letter[tostring(name):match("%-(.)")];
	return medium == "video" and source.videoType == "desktop" and "desktop" or medium;
end

-- The text of a presence's SourceInfo as medium -> false for those that are on; a medium without an entry is muted. A client may send
-- anything, also what is nested too deeply to be read.
local function read(text)
	local says = { audio = true, video = true, desktop = true };
	local ok, sources = pcall(json.decode, text);
	for name, source in pairs(ok and type(sources) == "table" and sources or {}) do
		if type(source) == "table" and source.muted == false then says[medium_of(name, source) or ""] = false; end
	end
	return says;
end

local function read_legacy(presence)
	local says = {};
	for medium, element in pairs(legacy) do
		local text = presence:get_child_text(element, "http://jitsi.org/jitmeet/" .. medium) or presence:get_child_text(element);
		if text then says[medium] = text == "true"; end
	end
	return says;
end

-- What a presence says: medium -> true for muted, false for on, nil where it says nothing.
function M.muted(presence)
	local text = presence:get_child_text("SourceInfo");
	return text and read(text) or read_legacy(presence);
end

return M;
